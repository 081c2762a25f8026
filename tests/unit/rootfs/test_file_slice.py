"""A part of a file, such as a member of an unpacked tar, is a stream of its own."""

import os

import pytest

from lissom.rootfs.entry import FileSlice


@pytest.fixture
def stream(tmp_path):
    path = tmp_path / "whole"
    path.write_bytes(b"before" + bytes(range(100)) + b"after")
    with FileSlice(path, 6, 100).open() as opened:
        yield opened


def test_it_begins_and_ends_with_the_part(stream):
    assert stream.read() == bytes(range(100))
    assert stream.read() == b""


@pytest.mark.parametrize(
    ("offset", "whence", "place"),
    [(10, os.SEEK_SET, 10), (5, os.SEEK_CUR, 25), (-7, os.SEEK_END, 93), (1000, os.SEEK_SET, 100)],
)
def test_any_place_of_the_part_can_be_read(stream, offset, whence, place):
    assert stream.read(20) == bytes(range(20))
    assert stream.seek(offset, whence) == place == stream.tell()
    assert stream.read(3) == bytes(range(100))[place : place + 3]


def test_nothing_before_the_part_can_be_read(stream):
    assert stream.seek(-1000, os.SEEK_END) == 0
    assert stream.read(1) == b"\0"
