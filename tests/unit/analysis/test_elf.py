"""ELF files: small ones made here, damaged ones, and those of this machine beside what readelf says."""

import re
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lissom.analysis.elf import read_elf
from lissom.rootfs.entry import FileSlice, HostFile, Inline

LOAD, DYNAMIC, INTERP = 1, 2, 3


@dataclass
class Made:
    """A little ELF file: one read-only segment at address 0x1000 that holds it all."""

    bits: int = 64
    order: str = "<"
    kind: int = 3
    entry: int = 0

    def build(self, *, names=b"", dynamic=(), interpreter=b"", data=b"") -> bytes:
        wide = self.bits == 64
        header, row, pair = (64, 56, "QQ") if wide else (52, 32, "II")
        texts = b"\0" + names
        body = header + 3 * row
        strings, table = body, body + len(texts)
        rows = [*dynamic, (5, 0x1000 + strings), (10, len(texts)), (0, 0)]
        packed = b"".join(struct.pack(self.order + pair, *one) for one in rows)
        interp = table + len(packed)
        content = texts + packed + interpreter + data
        segments = [(LOAD, 0, body + len(content)), (DYNAMIC, table, len(packed)), (INTERP, interp, len(interpreter))]
        return self._header() + b"".join(self._segment(*one) for one in segments) + content

    def _header(self) -> bytes:
        wide = self.bits == 64
        ident = b"\x7fELF" + bytes([self.bits // 32, 1 if self.order == "<" else 2, 1]) + bytes(9)
        counts = (0, 64, 56, 3, 64, 0, 0) if wide else (0, 52, 32, 3, 40, 0, 0)
        places = (self.entry, 64 if wide else 52, 0)
        form = self.order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH")
        return ident + struct.pack(form, self.kind, 62, 1, *places, *counts)

    def _segment(self, kind, offset, size) -> bytes:
        if self.bits == 64:
            return struct.pack(self.order + "IIQQQQQQ", kind, 4, offset, 0x1000 + offset, 0, size, size, 1)
        return struct.pack(self.order + "IIIIIIII", kind, offset, 0x1000 + offset, 0, size, size, 4, 1)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_width_and_byte_order(bits, order):
    names = b"libc.so.6\0libme.so.1\0$ORIGIN/../lib:/opt/lib\0"
    data = Made(bits, order).build(
        names=names,
        dynamic=[(1, 1), (14, 11), (29, 22)],
        interpreter=b"/lib/ld.so\0",
        data=b"\0libextra.so.2\0/etc/x\0",
    )
    elf = read_elf(Inline(data))
    assert (elf.bits, elf.type, elf.machine) == (bits, "dyn", 62)
    assert (elf.needed, elf.soname, elf.runpath) == (("libc.so.6",), "libme.so.1", ("$ORIGIN/../lib", "/opt/lib"))
    assert (elf.interpreter, elf.static) == ("/lib/ld.so", False)
    assert "libextra.so.2" in elf.libraries
    assert "/etc/x" in elf.paths
    assert "/etc/x" in set(elf.strings())


def test_a_program_without_loader_and_libraries_is_static():
    assert read_elf(Inline(Made(kind=2).build())).static
    assert read_elf(Inline(Made(entry=0x1100).build())).static
    assert not read_elf(Inline(Made().build())).static, "a library that needs none"


def test_names_of_libraries_are_found_as_they_are_written():
    texts = b"\0libcalib.so\0xlibz.so.1.2.3\0/usr/lib/libq-2.so.0\0libm.sox\0libssl.so.3)\0"
    elf = read_elf(Inline(Made().build(data=texts)))
    assert elf.libraries == {"libcalib.so", "libz.so.1.2.3", "libq-2.so.0", "libssl.so.3"}


def test_what_is_no_elf_file_is_none():
    for data in (b"", b"\x7fELF", b"#!/bin/sh\n" + bytes(100), b"\x7fELF" + bytes(100), b"\x7fELF\x02\x01" + bytes(9)):
        assert read_elf(Inline(data)) is None


def test_a_stream_that_cannot_seek_is_read_all_the_same(tmp_path):
    data = Made().build(names=b"liba.so\0", dynamic=[(1, 1)])
    path = tmp_path / "tar"
    path.write_bytes(b"x" * 100 + data + b"y")
    assert read_elf(FileSlice(path, 100, len(data))).needed == ("liba.so",)


def test_damage_never_raises():
    sound = Made().build(names=b"liba.so\0", dynamic=[(1, 1), (6, 0x1000)], interpreter=b"/ld\0", data=b"\0libz.so\0")
    for position in range(len(sound)):
        for value in (0x00, 0x7F, 0xFF):
            elf = read_elf(Inline(sound[:position] + bytes([value]) + sound[position + 1 :]))
            if elf is not None:
                assert elf.imports is not None
                assert elf.libraries is not None
                assert elf.has_symbols is False
        elf = read_elf(Inline(sound[:position]))
        assert elf is None or elf.imports is not None


def test_text_without_end_costs_one_pass():
    for filling in (b"a" * (4 << 20), b"lib" * (1 << 20), b"/" * (4 << 20), b"lib.so" * (1 << 19)):
        elf = read_elf(Inline(Made().build(data=filling)))
        assert len(elf.libraries) < 100
        assert len(elf.paths) < 100
        assert len(list(elf.strings())) < 100


LIBRARIES = sorted({*Path("/usr/lib").glob("*-linux-gnu/lib[a-d]*.so.?"), Path(sys.executable), Path("/bin/sh")})[:40]


@pytest.mark.skipif(not shutil.which("readelf"), reason="needs readelf")
@pytest.mark.parametrize("path", LIBRARIES, ids=lambda path: path.name)
def test_files_of_this_machine_as_readelf_sees_them(path):
    elf = read_elf(HostFile(path.resolve()))
    said = subprocess.run(["readelf", "-dlW", path], capture_output=True, text=True, check=True).stdout
    assert list(elf.needed) == re.findall(r"\(NEEDED\).*\[(.*)\]", said)
    assert elf.soname == "".join(re.findall(r"\(SONAME\).*\[(.*)\]", said))
    assert elf.interpreter == "".join(re.findall(r"interpreter: (.*)\]", said))
    table = subprocess.run(["readelf", "--dyn-syms", "-W", path], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in table.splitlines()]
    assert elf.imports == {row[7].partition("@")[0] for row in rows if len(row) > 7 and row[6] == "UND"}
