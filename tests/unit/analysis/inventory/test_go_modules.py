"""The modules of Go programs."""

import struct

import pytest

from elf_files import a_program
from lissom.analysis.inventory.go_modules import Module, read_go
from lissom.analysis.root import Root
from rule_scenes import tree_of

TEXT = (
    "path\texample.org/app\nmod\texample.org/app\t(devel)\t\ndep\tgithub.com/Some/Lib/v3\tv3.1.0\th1:x=\n"
    "dep\texample.org/old\tv1.0.0\n=>\texample.org/fork\tv1.0.1\th1:y=\nbuild\t-compiler=gc\n"
)


def go_program(text=TEXT, version="go1.22.1", *, magic=b"\xff Go buildinf:", flags=2):
    """A program with the section that Go's linker writes."""
    words = b"".join(_counted(each) for each in (version.encode(), bytes(16) + text.encode() + bytes(16)))
    info = magic + bytes([8, flags]) + bytes(16) + words
    body = a_program()
    head = bytearray(body)
    struct.pack_into("<Q", head, 40, len(body) + len(info))
    struct.pack_into("<HH", head, 58, 64, 2)
    section = struct.pack("<IIQQQQIIQQ", 1, 1, 3, 0, len(body), len(info), 0, 0, 16, 0)
    return bytes(head) + info + bytes(64) + section


def _counted(data):
    count, out = len(data), b""
    while count >= 0x80:
        out, count = out + bytes([count & 0x7F | 0x80]), count >> 7
    return out + bytes([count]) + data


def read(data, path="usr/bin/app"):
    return list(read_go(Root(tree_of({path: data}))))


def test_modules_are_the_programs_own_then_what_it_is_linked_of():
    assert read(go_program()) == [
        Module("usr/bin/app", "example.org/app", ""),
        Module("usr/bin/app", "github.com/Some/Lib/v3", "v3.1.0"),
        Module("usr/bin/app", "example.org/fork", "v1.0.1"),
        Module("usr/bin/app", "stdlib", "1.22.1"),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"#!/bin/sh\n", a_program(), go_program(""), go_program(magic=b"\xff Go buildinG:"), go_program(flags=0),
     go_program()[:200], go_program()[:-40]],
)  # fmt: skip
def test_what_says_nothing_has_none(data):
    assert read(data) == []


def test_files_that_nobody_may_execute_are_no_programs():
    assert read(go_program(), "usr/share/app") == []
