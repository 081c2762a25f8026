"""ELF files for tests: 64 bits, this byte order, one read-only segment that holds it all."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_START = 0x1000
_ROWS = 3


def an_elf(
    *,
    needed: Sequence[str] = (),
    soname: str = "",
    runpath: str = "",
    rpath: str = "",
    interpreter: str = "",
    imports: Sequence[str] = (),
    texts: Sequence[str] = (),
    machine: int = 62,
) -> bytes:
    """A library, or with ``interpreter`` a program, that needs, imports and mentions what is given."""
    strings = b"\0"
    places: dict[str, int] = {}
    for text in (*needed, soname, runpath, rpath, *imports):
        if text and text not in places:
            places[text] = len(strings)
            strings += text.encode() + b"\0"
    symbols = bytes(24) + b"".join(struct.pack("<IBBHQQ", places[name], 0x12, 0, 0, 0, 0) for name in imports)
    body = 64 + _ROWS * 56
    strings_at = body + len(symbols)
    rows = [(1, places[name]) for name in needed]
    rows += [(tag, places[text]) for tag, text in ((14, soname), (15, rpath), (29, runpath)) if text]
    rows += [(6, _START + body), (5, _START + strings_at), (10, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack("<QQ", *row) for row in rows)
    dynamic_at = strings_at + len(strings)
    interp = interpreter.encode() + b"\0" if interpreter else b""
    interp_at = dynamic_at + len(dynamic)
    content = symbols + strings + dynamic + interp + b"\0" + b"\0".join(text.encode() for text in texts) + b"\0"
    segments = [(1, 0, body + len(content)), (2, dynamic_at, len(dynamic))]
    segments.append((3, interp_at, len(interp)) if interp else (4, interp_at, 0))
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, _ROWS, 64, 0, 0)
    headers = b"".join(
        struct.pack("<IIQQQQQQ", kind, 4, at, _START + at, 0, size, size, 1) for kind, at, size in segments
    )
    return header + headers + content


def a_program(**wishes) -> bytes:
    """A program for glibc's linker."""
    return an_elf(**{"interpreter": "/lib64/ld-linux-x86-64.so.2", "needed": ("libc.so.6",), **wishes})
