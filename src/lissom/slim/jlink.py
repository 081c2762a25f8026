"""The image's own jlink makes a runtime, in the sandbox and without a network.

Only the file of modules and ``release`` are taken from what it writes; all else are the image's own files, links and
settings, as far as jlink's result has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lissom.errors import LissomError
from lissom.events import Listener, Warned, silent
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.sandbox.jlink import Linking, link_runtime, with_modules
from lissom.slim.runtime import Runtime
from lissom.store.snapshots import Snapshots

__all__ = ["link"]

_LARGEST_MODULES = 512 << 20


def link(
    runtime: Runtime, tree: Tree, lowers: Sequence[Path], snapshots: Snapshots, listener: Listener = silent
) -> dict[str, Entry] | None:
    """Make ``runtime`` of the image whose files are ``tree`` and ``lowers``: everything that is to be below its home.

    The home itself is left out. None, after a warning, when jlink does not do it: then the JDK has to stay.
    """
    try:
        with snapshots.workspace() as workspace:
            output = workspace.path / "runtime"
            output.mkdir()
            compress = "zip-9" if runtime.version >= 21 else "2"
            linking = Linking(runtime.home, runtime.version, tuple(runtime.modules), compress, runtime.patterns)
            made = link_runtime(linking, lowers, output, ownership=snapshots.ownership)
            return dict(_entries(runtime, tree, made))
    except (LissomError, OSError) as error:
        listener(Warned(f"cannot link a Java runtime of `/{runtime.home}`: {error}", "the JDK's own files stay"))
        return None


def _entries(runtime: Runtime, tree: Tree, output: Path) -> Iterator[tuple[str, Entry]]:
    """What jlink made, as far as the image has it too, and all of the image's settings."""
    made = {path.relative_to(output).as_posix() for path in output.rglob("*") if not path.is_dir()}
    settings = {
        entry.path.removeprefix(f"{runtime.home}/")
        for place in ("conf", "lib/security")
        for entry in tree.below(f"{runtime.home}/{place}")
        if not entry.is_directory
    }
    for name in sorted(made | settings):
        path = f"{runtime.home}/{name}"
        entry = _entry(tree.get(path), name, output) if _stays(runtime, name) else None
        above = parent_of(path)
        while above != runtime.home:
            if above in tree and (entry is not None or tree[above].kind is Kind.SYMLINK):
                yield above, tree[above]
            above = parent_of(above)
        if entry is not None:
            yield path, entry


def _stays(runtime: Runtime, name: str) -> bool:
    place, _, rest = name.partition("/")
    if place == "bin":
        return rest in runtime.commands
    return place != "lib" or rest == "modules" or rest.startswith("security/") or rest in runtime.libraries


def _entry(original: Entry | None, name: str, output: Path) -> Entry | None:
    """The image's own file of that name; it has no file that a package left out (those for a screen) or moved."""
    if original is None or original.is_directory:
        return None
    if name not in ("lib/modules", "release") or original.kind is not Kind.FILE or original.content is None:
        return original
    with (output / name).open("rb") as file:
        data = file.read(_LARGEST_MODULES)
    if name == "release":
        with original.content.open() as stream:
            data = with_modules(stream.read(1 << 16), data)
    return replace(original, size=len(data), content=Inline(data), inode="")
