"""Libraries that a program asks for by name while it runs: their names stand among its read-only data."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.rootfs.entry import parent_of
from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.rules.linker import library_directories
from lissom.slim.scene import Scene

__all__ = ["RULES", "is_of_c_library"]

_C_LIBRARY = ("libc.so.", "ld-linux", "libpthread.so.", "libdl.so.", "librt.so.", "libm.so.", "libc.musl-", "ld-musl-")
_IDLE = {
    "libawt_headless.so": ("libcups.so",),
    "libmount.so": ("libcryptsetup.so",),
    "libnet.so": ("libgio-2.0.so",),
    "libselinux.so": ("libsepol.so",),
}
"""What libraries load only to mount verified disks, to follow a desktop's settings, to load a kernel's policy, to print
where there is no screen."""
_UNWINDER = "libgcc_s.so.1"
_UNWINDING = frozenset(("pthread_cancel", "pthread_exit", "backtrace"))


def is_of_c_library(scene: Scene, path: str) -> bool:
    """Whether a file is the C library or a part of it, which mentions and calls what any program might want."""
    elf = scene.elf(path)
    return elf is not None and (elf.soname or path.rpartition("/")[2]).startswith(_C_LIBRARY)


def _mentioned(scene: Scene, keep: Keep) -> Iterator[Keep]:
    elf = scene.elf(keep.path)
    if elf is None or is_of_c_library(scene, keep.path):
        return
    origin, idle = parent_of(keep.path), _IDLE.get(_stem(keep.path), ())
    for name in sorted(elf.libraries - set(elf.needed) - {elf.soname}):
        for directory in (*library_directories(scene), origin) if _stem(name) not in idle else ():
            path = f"{directory}/{name}"
            other = scene.elf(path) if scene.get(path) is not None else None
            if other is not None and (other.machine, other.bits) == (elf.machine, elf.bits):
                yield Keep(path, "dlopen", keep.path)
                break


def _stem(path: str) -> str:
    return f"{path.rpartition('/')[2].partition('.so')[0]}.so"


def _unwinder(scene: Scene, keep: Keep) -> Iterator[Keep]:
    """The C library loads it when a thread is cancelled, and ends the program when it is not there."""
    elf = scene.elf(keep.path)
    if elf is not None and elf.imports & _UNWINDING and not is_of_c_library(scene, keep.path):
        for directory in library_directories(scene):
            yield Keep(f"{directory}/{_UNWINDER}", "unwinder", keep.path)


RULES = (
    Rule(
        "dlopen",
        "A library whose name a kept program or library mentions: it may load it when it needs it.",
        _mentioned,
    ),
    Rule("unwinder", "What the C library loads to end a thread or to show a trace.", _unwinder),
)
