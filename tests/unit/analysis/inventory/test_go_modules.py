"""The modules of Go programs."""

import struct

import pytest

from elf_files import a_program
from go_programs import go_program
from lissom.analysis.inventory.go_modules import Module, read_go
from lissom.analysis.root import Root
from rule_scenes import tree_of


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
     go_program()[:200], go_program()[:-140]],
)  # fmt: skip
def test_what_says_nothing_has_none(data):
    assert read(data) == []


def test_a_record_that_ends_too_early_says_nothing():
    data = bytearray(go_program())
    data += b"\xff Go buildinf:"
    (sections,) = struct.unpack_from("<Q", data, 40)
    struct.pack_into("<QQ", data, sections + 64 + 24, len(data) - 14, 100)
    assert read(bytes(data)) == []


def test_files_that_nobody_may_execute_are_no_programs():
    assert read(go_program(), "usr/share/app") == []
