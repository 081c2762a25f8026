"""System calls that take paths, by number, and the filter that stops at them.

A call is (kind, how its paths are found): ``p0`` is a path at argument 0; ``d0p1`` a path at argument 1 relative to
the descriptor at 0; ``f0`` the directory that descriptor 0 is; ``s1`` a socket address at 1. Several are joined by a
comma. Kinds are those of ``watch.Sighting``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["ARCHITECTURES", "Call", "Finder", "build_watch", "calls_of"]

_ALLOW, _TRACE = 0x7FFF0000, 0x7FF00000
_LOAD, _JEQ, _JSET, _JUMP, _RETURN = 0x20, 0x15, 0x45, 0x05, 0x06
_AT_EMPTY_PATH, _REALPATH_SIZE = 0x1000, 1023

ARCHITECTURES = {"x86_64": 0xC000003E, "i386": 0x40000003, "aarch64": 0xC00000B7}
_COMPANIONS = {"x86_64": ("i386",), "aarch64": ()}

# name: kind, paths, numbers on x86_64, i386, aarch64 (-1: there is none), argument and what it holds when the call is
# passed by: ``N&`` has AT_EMPTY_PATH and so needs no path, ``N=`` is the size with which glibc's realpath looks at each
# part of a path. That walk is no use of a link, and some programs take it a hundred thousand times.
_TABLE = """
open             open     p0        2    5   -1
openat           open     d0p1    257  295   56
openat2          open     d0p1    437  437  437
creat            open     p0       85    8   -1
execve           exec     p0       59   11  221
execveat         exec     d0p1    322  358  281  4&
stat             stat     p0        4   -1   -1
stat64           stat     p0       -1  195   -1
lstat            stat     p0        6   -1   -1
lstat64          stat     p0       -1  196   -1
newfstatat       stat     d0p1    262  300   79  3&
statx            stat     d0p1    332  383  291  2&
access           stat     p0       21   33   -1
faccessat        stat     d0p1    269  307   48
faccessat2       stat     d0p1    439  439  439  3&
statfs           stat     p0      137   99   43
statfs64         stat     p0       -1  268   -1
chdir            stat     p0       80   12   49
chroot           stat     p0      161   61   51
readlink         readlink p0       89   85   -1  2=
readlinkat       readlink d0p1    267  305   78  3=
getdents         list     f0       78  141   -1
getdents64       list     f0      217  220   61
getxattr         stat     p0      191  229    8
lgetxattr        stat     p0      192  230    9
listxattr        stat     p0      194  232   11
llistxattr       stat     p0      195  233   12
setxattr         stat     p0      188  226    5
lsetxattr        stat     p0      189  227    6
truncate         stat     p0       76   92   45
truncate64       stat     p0       -1  193   -1
chmod            stat     p0       90   15   -1
fchmodat         stat     d0p1    268  306   53
fchmodat2        stat     d0p1    452  452  452
chown            stat     p0       92  212   -1
lchown           stat     p0       94  198   -1
fchownat         stat     d0p1    260  298   54  4&
utime            stat     p0      132   30   -1
utimes           stat     p0      235  271   -1
futimesat        stat     d0p1    261  299   -1
utimensat        stat     d0p1    280  320   88  3&
inotify_add_watch stat    p1      254  292   27
name_to_handle_at stat    d0p1    303  341  264  4&
mkdir            make     p0       83   39   -1
mkdirat          make     d0p1    258  296   34
mknod            make     p0      133   14   -1
mknodat          make     d0p1    259  297   33
rmdir            make     p0       84   40   -1
unlink           make     p0       87   10   -1
unlinkat         make     d0p1    263  301   35
rename           make     p0,p1    82   38   -1
renameat         make     d0p1,d2p3 264 302  38
renameat2        make     d0p1,d2p3 316 353 276
link             make     p0,p1    86    9   -1
linkat           make     d0p1,d2p3 265 303  37
symlink          make     p1       88   83   -1
symlinkat        make     d1p2    266  304   36
bind             make     s1       49  361  200
"""


@dataclass(frozen=True, slots=True)
class Finder:
    """Where one path of a call is: the argument that is its address, and that of the directory's descriptor."""

    address: int = -1
    directory: int = -1
    descriptor: int = -1
    socket: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One system call of one machine. ``passed_by`` is an argument and what it has when the call is passed by."""

    name: str
    kind: str
    number: int
    finders: tuple[Finder, ...]
    passed_by: str = ""


def calls_of(machine: str) -> dict[int, Call]:
    """The watched calls of a machine (``x86_64``, ``i386``, ``aarch64``) by number."""
    column = {"x86_64": 3, "i386": 4, "aarch64": 5}[machine]
    found = {}
    for line in _TABLE.strip().splitlines():
        words = line.split()
        number = int(words[column])
        if number >= 0:
            finders = tuple(_finder(text) for text in words[2].split(","))
            found[number] = Call(words[0], words[1], number, finders, words[6] if len(words) > 6 else "")
    return found


def _finder(text: str) -> Finder:
    match text[0]:
        case "p":
            return Finder(address=int(text[1]))
        case "d":
            return Finder(address=int(text[3]), directory=int(text[1]))
        case "s":
            return Finder(address=int(text[1]), socket=True)
        case _:
            return Finder(descriptor=int(text[1]))


def build_watch(machine: str, *, every_call: bool = False) -> bytes:
    """A filter that stops at the watched calls and lets all else pass; empty for a machine that is not known here.

    With ``every_call`` it stops at all but those that a program makes all the time, which ``frequent`` names.
    """
    if machine not in _COMPANIONS:
        return b""
    code: list[tuple[int, int, int, int]] = [(_LOAD, 0, 0, 4)]
    for each in (machine, *_COMPANIONS[machine]):
        block = _all_but_frequent(each) if every_call and each == machine else _block(each)
        code += [(_JEQ, 1, 0, ARCHITECTURES[each]), (_JUMP, 0, 0, len(block)), *block]
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _block(machine: str) -> list[tuple[int, int, int, int]]:
    code = [(_LOAD, 0, 0, 0)]
    for call in calls_of(machine).values():
        if not call.passed_by:
            code += [(_JEQ, 0, 1, call.number), (_RETURN, 0, 0, _TRACE)]
            continue
        argument, how = int(call.passed_by[0]), call.passed_by[1]
        code += [
            (_JEQ, 0, 4, call.number),
            (_LOAD, 0, 0, 16 + 8 * argument),
            (_JSET, 0, 1, _AT_EMPTY_PATH) if how == "&" else (_JEQ, 0, 1, _REALPATH_SIZE),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _TRACE),
        ]
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _all_but_frequent(machine: str) -> list[tuple[int, int, int, int]]:
    from lissom.sandbox.call_names import FREQUENT, NAMES  # noqa: PLC0415 - a long table that few need

    frequent = [number for number, name in NAMES[machine].items() if name in FREQUENT]
    code = [(_LOAD, 0, 0, 0)]
    for number in frequent:
        code += [(_JEQ, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    return [*code, (_RETURN, 0, 0, _TRACE)]
