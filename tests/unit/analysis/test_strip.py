"""Stripped programs: made here by a compiler, run, and compared with what readelf and strip make of them."""

import os
import random
import shutil
import struct
import subprocess

import pytest

from lissom.analysis.elf import read_elf
from lissom.analysis.strip import stripped
from lissom.rootfs.entry import Inline

pytestmark = pytest.mark.skipif(not shutil.which("gcc") or not shutil.which("readelf"), reason="needs gcc and readelf")

SOURCE = (
    '#include <stdio.h>\nint twice(int x) { return 2 * x; }\nint main(void) { printf("%d\\n", twice(21)); return 0; }\n'
)
KINDS = {
    "pie": ["-pie", "-fPIE"],
    "fixed": ["-no-pie"],
    "static": ["-static"],
    "compressed": ["-gz"],
    "library": ["-shared", "-fPIC"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Compile the source once for each kind; gives the path."""
    directory = tmp_path_factory.mktemp("elf")
    (directory / "x.c").write_text(SOURCE)

    def compile_as(kind, *more):
        path = directory / kind
        if not path.exists():
            flags = [*KINDS.get(kind, []), *more]
            subprocess.run(["gcc", "-g", *flags, "x.c", "-o", path], cwd=directory, check=True)
        return path

    return compile_as


def complaints(data, path):
    path.write_bytes(data)
    return subprocess.run(["readelf", "-aW", path], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stripped_is_whole_and_loads_the_same(made, tmp_path, kind):
    data = made(kind).read_bytes()
    result = stripped(data)
    assert complaints(result, tmp_path / "x") == ""
    before, after = read_elf(Inline(data)), read_elf(Inline(result))
    assert (before.has_symbols, after.has_symbols) == (True, False)
    assert (before, before.imports) == (after, after.imports)
    assert after.sections[".text"] == before.sections[".text"]._replace(name=after.sections[".text"].name)
    loaded = [segment for segment in before.segments if segment.type == 1]
    end = max(segment.offset + segment.size for segment in loaded)
    assert result[64:end] == data[64:end]
    assert stripped(result) is None


@pytest.mark.parametrize("kind", ["pie", "fixed", "static", "compressed"])
def test_a_stripped_program_runs(made, tmp_path, kind):
    path = tmp_path / "x"
    path.write_bytes(stripped(made(kind).read_bytes()))
    path.chmod(0o755)
    assert subprocess.run([path], capture_output=True, text=True, check=True).stdout == "42\n"


def test_a_stripped_library_is_opened(made, tmp_path):
    import ctypes

    path = tmp_path / "x.so"
    path.write_bytes(stripped(made("library").read_bytes()))
    assert ctypes.CDLL(path).twice(4) == 8


@pytest.mark.skipif(not shutil.which("strip"), reason="needs strip")
@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_strips(made, tmp_path, kind):
    path = made(kind)
    subprocess.run(["strip", "-o", tmp_path / "x", path], check=True)
    assert abs(len(stripped(path.read_bytes())) - os.path.getsize(tmp_path / "x")) < 512


def test_what_somebody_appended_is_left_alone(made):
    data = made("pie").read_bytes()
    assert stripped(data + b"PK\5\6") is None
    assert stripped(data + bytes(5) + b"x") is None
    assert stripped(data + bytes(5)) == stripped(data), "as patchelf leaves it"


def test_what_was_appended_to_be_loaded_moves_by_whole_pages(made, tmp_path):
    """As patchelf does: behind the symbols another part is loaded; here it is what was the last program header's."""
    data = made("fixed").read_bytes()
    end = -len(data) % 4096 + len(data)
    whole = bytearray(data + bytes(end - len(data)) + b"\0moved\0")
    note = next(at for at in range(64, 4096, 56) if struct.unpack_from("<I", whole, at) == (0x6474E551,))
    struct.pack_into("<IIQQQQQQ", whole, note, 1, 4, end, 0x800000, 0x800000, 7, 7, 4096)
    result = stripped(bytes(whole))
    assert complaints(result, tmp_path / "x") == ""
    before, after = read_elf(Inline(bytes(whole))), read_elf(Inline(result))
    old, new = (next(s for s in elf.segments if s.address == 0x800000) for elf in (before, after))
    assert result[new.offset : new.offset + 7] == b"\0moved\0"
    assert (old.offset - new.offset) % 4096 == 0
    assert old.offset > new.offset
    assert before == after
    (tmp_path / "x").chmod(0o755)
    assert subprocess.run([tmp_path / "x"], capture_output=True, text=True, check=True).stdout == "42\n"


def test_unusual_files_are_left_alone(made, tmp_path):
    assert stripped(made("object", "-c").read_bytes()) is None
    assert stripped(made("relocations", "-Wl,--emit-relocs").read_bytes()) is None
    if shutil.which("objcopy"):
        archive, debug = tmp_path / "archive", tmp_path / "debug"
        subprocess.run(["objcopy", "--add-section", f"pydata={__file__}", made("pie"), archive], check=True)
        assert stripped(archive.read_bytes()) is None, "a program that looks for a section of its own"
        subprocess.run(["objcopy", "--only-keep-debug", made("pie"), debug], check=True)
        assert stripped(debug.read_bytes()) is None, "debugging information kept apart"


def test_data_between_sections_is_left_alone(made):
    """As the payload that a packer hides: zeros moved apart, then a byte in them."""
    data = bytearray(made("pie").read_bytes())
    (at,) = struct.unpack_from("<Q", data, 40)
    apart = data[:at] + bytes(8) + data[at:]
    struct.pack_into("<Q", apart, 40, at + 8)
    assert stripped(bytes(apart)) is not None
    apart[at + 3] = 1
    assert stripped(bytes(apart)) is None


def test_files_that_are_none_are_left_alone():
    for data in (b"", b"\x7fELF", bytes(100), b"#!/bin/sh\n" * 20):
        assert stripped(data) is None


def test_damage_never_raises(made):
    data, chance = made("pie").read_bytes(), random.Random(1)
    (table,) = struct.unpack_from("<Q", data, 40)
    places = [*range(64), *range(64, 64 + 56 * 13), *range(table, len(data))]
    for _ in range(3000):
        hurt = bytearray(data)
        for _ in range(chance.choice((1, 2, 8))):
            hurt[chance.choice(places)] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        stripped(bytes(hurt))
    for size in range(0, len(data), 61):
        assert stripped(data[:size]) is None
