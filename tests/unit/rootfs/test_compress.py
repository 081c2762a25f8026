"""Compression: round trips, determinism, concatenated streams, damage."""

import gzip
import io
import os
import threading

import pytest
import zstandard

from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.compress import Compression, compressed, decompressed

DATA = b"".join(b"%d line of text\n" % n for n in range(200_000)) + bytes(range(256)) * 9


def pack(text, data, step=None):
    out = io.BytesIO()
    with compressed(out, Compression.parse(text)) as writer:
        for start in range(0, len(data), step or len(data) or 1):
            writer.write(data[start : start + (step or len(data))])
    return out.getvalue()


@pytest.mark.parametrize("text", ["gzip", "gzip:0", "gzip:2", "gzip:6", "gzip:9", "zstd", "zstd:1", "none"])
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "one", "much"])
def test_round_trip(text, data):
    packed = pack(text, data)
    assert decompressed(io.BytesIO(packed)).read() == data
    if text.startswith("gzip"):
        assert gzip.decompress(packed) == data


@pytest.mark.parametrize("text", ["gzip", "gzip:6", "zstd"])
def test_output_depends_on_neither_writes_nor_processors(text, monkeypatch):
    expected = pack(text, DATA)
    assert pack(text, DATA, step=777) == expected
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert pack(text, DATA, step=1 << 20) == expected


def test_levels():
    assert Compression.parse("zstd:9") == Compression("zstd", 9)
    assert (str(Compression.parse("gzip")), str(Compression.parse("zstd:9"))) == ("gzip", "zstd:9")
    for text, cause in {
        "xz": "cannot use compression `xz`: it is none of gzip, zstd, none",
        "gzip:10": "cannot use compression `gzip:10`: gzip takes a level from 0 to 9",
        "none:1": "cannot use compression `none:1`: none takes no level",
    }.items():
        with pytest.raises(UsageError) as caught:
            Compression.parse(text)
        assert caught.value.message == cause


def test_several_members_frames_and_padding_are_one_stream():
    assert decompressed(io.BytesIO(gzip.compress(b"ab") + gzip.compress(b"cd") + bytes(512))).read() == b"abcd"
    frame = zstandard.compress(b"ab")
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00xyz"
    assert decompressed(io.BytesIO(skippable + frame + frame)).read() == b"abab"


@pytest.mark.parametrize(
    "damaged", [pack("gzip", DATA)[:-5], pack("gzip", DATA)[:-8] + b"12345678", b"\x1f\x8b\x08rest"]
)
@pytest.mark.parametrize("threaded", [False, True])
def test_damage_is_an_integrity_error(damaged, threaded):
    with (
        pytest.raises(IntegrityError, match="cannot decompress layer"),
        decompressed(io.BytesIO(damaged), threaded=threaded) as stream,
    ):
        stream.read()


def test_source_is_read_to_its_end_and_threads_end():
    source = io.BytesIO(gzip.compress(DATA))
    seen = []
    with decompressed(source, tap=seen.append) as stream:
        assert stream.read() == DATA
    assert b"".join(seen) == DATA
    assert source.tell() == len(source.getvalue())
    with decompressed(io.BytesIO(gzip.compress(DATA * 3)), threaded=True) as stream:
        stream.read(10)
    assert not [t for t in threading.enumerate() if t.name == "read-ahead"]
