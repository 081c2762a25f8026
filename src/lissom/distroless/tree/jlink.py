"""A Java runtime of the modules that a spec names, in the place of the JDK that is among its packages.

Only the file of modules and ``release`` are jlink's: programs, libraries and settings stay the packages' own, as far as
the modules have them, since Debian keeps settings elsewhere and links to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lissom.distroless.spec.spec import Java
from lissom.distroless.tree.draft import Draft
from lissom.errors import SandboxError, UsageError
from lissom.rootfs.disk import write
from lissom.rootfs.entry import Content, HostFile, Inline, parent_of
from lissom.rootfs.ownership import Ownership
from lissom.sandbox.jlink import Linking, link_runtime, with_modules

__all__ = ["link_java"]

_LINKED = "linked of the spec's modules"
_UNUSED = frozenset(("lib/classlist", "lib/jexec", "lib/jrt-fs.jar"))
"""What only making an archive of classes, a kernel that runs jar files, and tools of another JVM read."""

_LARGEST_TEXT = 1 << 16
_SETTINGS = ("conf/", "lib/security/")


def link_java(draft: Draft, java: Java, workspace: Path, *, ownership: Ownership) -> str:
    """Let the JDK of ``draft`` link ``java``, in a sandbox on what is there; the path of its home.

    The runtime is read from ``workspace`` for as long as the draft is. Raises UsageError without exactly one JDK and
    when jlink refuses, SandboxError without a sandbox.
    """
    home = _home(draft)
    root, output = workspace / "java-root", workspace / "java-runtime"
    for directory in (root, output):
        directory.mkdir()
    write(draft.finished().changeset, root, ownership=ownership)
    modules = tuple(sorted({"java.base", *java.modules}))
    linking = Linking(home, _version(draft, home), modules, str(java.compress))
    try:
        made = link_runtime(linking, [root], output, ownership=ownership)
    except SandboxError as error:
        raise UsageError(f"cannot link a Java runtime of `/{home}`: {error.message}", hint=error.hint) from error
    _take(draft, home, made)
    return home


def _home(draft: Draft) -> str:
    homes = [path.removesuffix("/bin/jlink") for path in draft.entries if path.endswith("/bin/jlink")]
    homes = [home for home in homes if f"{home}/jmods/java.base.jmod" in draft.entries]
    if len(homes) == 1:
        return homes[0]
    cause = "several packages have a JDK" if homes else "no package has a JDK with its modules"
    raise UsageError(
        f"cannot link a Java runtime: {cause}",
        hint="keep one of them" if homes else "add openjdk-17-jdk-headless and openjdk-17-jre-headless to `packages`",
    )


def _version(draft: Draft, home: str) -> int:
    with _content(draft, f"{home}/release").open() as stream:
        found = re.search(rb'^JAVA_VERSION="(\d{1,3})', stream.read(_LARGEST_TEXT), re.MULTILINE)
    return int(found[1]) if found else 0


def _content(draft: Draft, path: str) -> Content:
    entry = draft.entries.get(path)
    if entry is None or entry.content is None:
        raise UsageError(f"cannot link a Java runtime: the JDK has no `/{path}`")
    return entry.content


def _take(draft: Draft, home: str, made: Path) -> None:
    """Below ``home`` keep what jlink has put into ``made`` too, settings, and the directories of both."""
    names = {path.relative_to(made).as_posix() for path in made.rglob("*") if not path.is_dir()} - _UNUSED
    below = [path for path in draft.entries if path.startswith(f"{home}/")]
    files = [path for path in below if not draft.entries[path].is_directory]
    stay = {path for path in files if (name := path[len(home) + 1 :]) in names or name.startswith(_SETTINGS)}
    stay |= {above for path in stay for above in _parents(path)}
    draft.remove([path for path in below if path not in stay], "not in the linked Java runtime")
    modules, release = made / "lib/modules", _release(draft, f"{home}/release", (made / "release").read_bytes())
    draft.change(f"{home}/lib/modules", HostFile(modules), modules.stat().st_size, _LINKED)
    draft.change(f"{home}/release", Inline(release), len(release), _LINKED)


def _release(draft: Draft, path: str, linked: bytes) -> bytes:
    with _content(draft, path).open() as stream:
        return with_modules(stream.read(_LARGEST_TEXT), linked)


def _parents(path: str) -> Iterator[str]:
    while path := parent_of(path):
        yield path
