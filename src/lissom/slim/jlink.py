"""The image's own jlink makes a runtime, in the sandbox and without a network.

Only the file of modules and ``release`` are taken from what it writes; all else are the image's own files, links and
settings, as far as jlink's result has them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lissom.errors import LissomError
from lissom.events import Listener, Warned, silent
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.sandbox.process import Bind, Process, run
from lissom.slim.runtime import Runtime
from lissom.store.snapshots import Snapshots

__all__ = ["link"]

_TARGET = "/run/lissom-runtime"
_PATIENCE = 600.0
_LARGEST_MODULES = 512 << 20
_FLAGS = ("-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1")
"""jlink's own JVM is short-lived: without its second compiler it is done in half the time. And the same collector
everywhere: with another one, which has objects in an archive, some generated classes come out otherwise."""


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
            said: list[bytes] = []
            if status := _run(_process(runtime, lowers, output, snapshots), said):
                text = b"".join(said).decode(errors="replace").strip().splitlines()
                raise LissomError(f"it exited with status {status}" + (f": {text[-1]}" if text else ""))
            return dict(_entries(runtime, tree, output / "home"))
    except (LissomError, OSError) as error:
        listener(Warned(f"cannot link a Java runtime of `/{runtime.home}`: {error}", "the JDK's own files stay"))
        return None


def _process(runtime: Runtime, lowers: Sequence[Path], output: Path, snapshots: Snapshots) -> Process:
    home = f"/{runtime.home}"
    argv = [f"{home}/bin/jlink", *_FLAGS, "--module-path", f"{home}/jmods", "--output", f"{_TARGET}/home"]
    argv += ["--add-modules", ",".join(runtime.modules), "--no-header-files", "--no-man-pages"]
    argv += [f"--compress={'zip-9' if runtime.version >= 21 else '2'}"]
    argv += ["--strip-java-debug-attributes" if runtime.version >= 13 else "--strip-debug"]
    if runtime.patterns:
        argv += [f"--exclude-resources={','.join(runtime.patterns)}"]
    return Process(
        argv=tuple(argv),
        env={"JAVA_HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        lowers=tuple(lowers),
        readonly=True,
        mounts=(Bind(output, _TARGET),),
        network="none",
        ownership=snapshots.ownership,
    )


def _run(process: Process, said: list[bytes]) -> int:
    stop = threading.Event()
    clock = threading.Timer(_PATIENCE, stop.set)
    clock.daemon = True
    clock.start()
    try:
        return run(process, lambda _, data: said.append(data) if len(said) < 1000 else None, stop=stop)
    finally:
        clock.cancel()


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
            data = _release(stream.read(1 << 16), data)
    return replace(original, size=len(data), content=Inline(data), inode="")


def _release(original: bytes, linked: bytes) -> bytes:
    """The original's lines, but which modules there are."""
    modules = [line for line in linked.splitlines() if line.startswith(b"MODULES=")]
    lines = [line for line in original.splitlines() if not line.startswith(b"MODULES=")]
    return b"".join(line + b"\n" for line in (*lines, *modules))
