"""A JDK's own jlink, run in the root file system that the JDK is in, without a network: a runtime of some modules."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lissom.errors import SandboxError
from lissom.rootfs.ownership import Ownership
from lissom.sandbox.process import Bind, Process, run

__all__ = ["Linking", "link_runtime", "with_modules"]

_TARGET = "/run/lissom-runtime"
_PATIENCE = 600.0
_MODULES = b"MODULES="
_FLAGS = ("-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1")
"""jlink's own JVM is short-lived: without its second compiler it is done in half the time. And the same collector
everywhere: with another one, which has objects in an archive, some generated classes come out otherwise."""


@dataclass(frozen=True)
class Linking:
    """What to make of the JDK in ``home`` (a path of the tree): ``modules`` and what they need.

    ``compress`` is jlink's word for it, ``without`` are patterns of its ``--exclude-resources``.
    """

    home: str
    version: int
    modules: tuple[str, ...]
    compress: str
    without: tuple[str, ...] = ()


def link_runtime(linking: Linking, lowers: Sequence[Path], directory: Path, *, ownership: Ownership) -> Path:
    """Make the runtime in ``directory``, which is empty; where its home is. The same input gives the same bytes.

    Raises SandboxError with what jlink says, and when there is no sandbox.
    """
    said: list[bytes] = []
    if status := _run(_process(linking, lowers, directory, ownership), said):
        text = b"".join(said).decode(errors="replace").strip().splitlines()
        cause = f"it exited with status {status}" + (f": {text[-1]}" if text else "")
        raise SandboxError(f"cannot run `/{linking.home}/bin/jlink`: {cause}")
    return directory / "home"


def with_modules(release: bytes, linked: bytes) -> bytes:
    """The JDK's own ``release`` file, by which scanners know it, with the modules that jlink's names."""
    lines = [line for line in release.splitlines() if not line.startswith(_MODULES)]
    modules = [line for line in linked.splitlines() if line.startswith(_MODULES)]
    return b"".join(line + b"\n" for line in (*lines, *modules))


def _process(linking: Linking, lowers: Sequence[Path], directory: Path, ownership: Ownership) -> Process:
    home = f"/{linking.home}"
    argv = [f"{home}/bin/jlink", *_FLAGS, "--module-path", f"{home}/jmods", "--output", f"{_TARGET}/home"]
    argv += ["--add-modules", ",".join(linking.modules), "--no-header-files", "--no-man-pages"]
    argv += [f"--compress={linking.compress}"]
    argv += ["--strip-java-debug-attributes" if linking.version >= 13 else "--strip-debug"]
    if linking.without:
        argv += [f"--exclude-resources={','.join(linking.without)}"]
    return Process(
        argv=tuple(argv),
        env={"JAVA_HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        lowers=tuple(lowers),
        readonly=True,
        mounts=(Bind(directory, _TARGET),),
        network="none",
        ownership=ownership,
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
