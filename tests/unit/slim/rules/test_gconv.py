"""Character sets of iconv."""

import pytest

from elf_files import a_program, an_elf
from lissom.slim.rules.gconv import RULES
from slim_scenes import a_scene, seen, stays

NAMES = ("SJIS.so", "EUC-JP.so", "IBM850.so", "IBM932.so", "CP1252.so", "libJIS.so", "gconv-modules.cache")
MAINFRAME = ("IBM037.so", "IBM1047.so", "IBM1140.so", "IBM1390.so", "IBM930.so", "EBCDIC-AT-DE.so", "IBM273.so")
GCONV = {f"usr/lib/x86_64-linux-gnu/gconv/{name}": an_elf() for name in (*NAMES, *MAINFRAME)}
CONVERTER = a_program(imports=["iconv_open"])


def found(files, *paths):
    kept = stays(a_scene({**GCONV, **files}, sightings=seen(*paths)), *RULES)
    return {path.rpartition("/")[2] for path in kept if "/gconv/" in path}


def test_a_program_that_converts_may_be_asked_for_any():
    assert found({"app/run": CONVERTER}, "app/run") == set(NAMES)


@pytest.mark.parametrize("path", ["usr/bin/bash", "usr/lib/libunistring.so.2.2.0", "usr/lib/libstdc++.so.6.0.30"])
def test_who_only_converts_for_the_terminal(path):
    assert found({path: CONVERTER}, path) == set()


def test_the_c_library_brings_nothing():
    assert (
        found({"usr/lib/libc.so.6": an_elf(soname="libc.so.6", imports=["iconv_open"])}, "usr/lib/libc.so.6") == set()
    )


def test_what_was_used_brings_the_others():
    assert found({}, "usr/lib/x86_64-linux-gnu/gconv/CP1252.so") == set(NAMES)
    assert found({}, "usr/lib/x86_64-linux-gnu/gconv/IBM037.so") == {*NAMES, *MAINFRAME}
