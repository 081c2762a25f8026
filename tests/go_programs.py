"""Programs with the record that Go's linker writes."""

from __future__ import annotations

import struct

from elf_files import a_program

TEXT = (
    "path\texample.org/app\nmod\texample.org/app\t(devel)\t\ndep\tgithub.com/Some/Lib/v3\tv3.1.0\th1:x=\n"
    "dep\texample.org/old\tv1.0.0\n=>\texample.org/fork\tv1.0.1\th1:y=\nbuild\t-compiler=gc\n"
)


def go_program(text=TEXT, version="go1.22.1", *, magic=b"\xff Go buildinf:", flags=2):
    """A program with the section that Go's linker writes."""
    words = b"".join(_counted(each) for each in (version.encode(), bytes(16) + text.encode() + bytes(16)))
    info = magic + bytes([8, flags]) + bytes(16) + words
    body = a_program()
    body += bytes(-len(body) % 16)
    names = b"\0.go.buildinfo\0.shstrtab\0"
    head = bytearray(body + info)
    struct.pack_into("<QQ", head, 64 + 32, len(head), len(head))
    struct.pack_into("<Q", head, 40, len(head) + len(names))
    struct.pack_into("<HHH", head, 58, 64, 3, 2)
    sections = struct.pack("<IIQQQQIIQQ", 1, 1, 3, 0x1000 + len(body), len(body), len(info), 0, 0, 16, 0)
    sections += struct.pack("<IIQQQQIIQQ", 15, 3, 0, 0, len(head), len(names), 0, 0, 1, 0)
    return bytes(head) + names + bytes(64) + sections


def _counted(data):
    count, out = len(data), b""
    while count >= 0x80:
        out, count = out + bytes([count & 0x7F | 0x80]), count >> 7
    return out + bytes([count]) + data
