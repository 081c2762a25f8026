"""Locales and messages."""

import struct

from elf_files import a_program, an_elf
from lissom.slim.rules.locale import RULES
from slim_scenes import a_scene, debs, seen, stays

SPEAKER = a_program(imports=["setlocale"])


def archive(*names):
    """The head of a locale-archive with these names in its hash table."""
    table, strings = 56, 56 + 12 * len(names)
    texts, rows = b"", b""
    for name in names:
        rows += struct.pack("<III", 7, strings + len(texts), 0)
        texts += name.encode() + b"\0"
    sizes = [0xDE020109, 0, table, len(names), len(names), strings, len(texts), len(texts), *[0] * 6]
    return struct.pack("<14I", *sizes) + rows + texts


def found(files, *paths):
    return {
        path for path, reason in stays(a_scene(files, sightings=seen(*paths)), *RULES).items() if reason != "opened"
    }


def test_a_program_that_may_set_a_locale():
    files = {"app/run": SPEAKER, "app/mute": a_program(), "usr/lib/locale/C.utf8/LC_CTYPE": "x"}
    assert found(files, "app/run") == {"usr/lib/locale/C.utf8/LC_CTYPE"}
    assert found(files, "app/mute") == set()
    assert found({**files, "l/libc.so.6": an_elf(soname="libc.so.6", imports=["setlocale"])}, "l/libc.so.6") == set()


MESSAGES = [f"usr/share/locale/{name}/LC_MESSAGES/tool.mo" for name in ("de", "de_AT", "fr", "ja")]
TOOL = {"usr/bin/tool": a_program(), **dict.fromkeys(MESSAGES, "x"), **debs({"tool": ["usr/bin/tool", *MESSAGES]})}


def test_messages_in_the_languages_that_there_are_locales_for():
    files = {**TOOL, "usr/lib/locale/de_DE.utf8/LC_CTYPE": "x"}
    assert found(files, "usr/bin/tool") == {MESSAGES[0]}
    assert found({**TOOL, "usr/lib/locale/C.utf8/LC_CTYPE": "x"}, "usr/bin/tool") == set()
    assert found({**files, "usr/bin/other": "x"}, "usr/bin/other") == set()


def test_locales_of_an_archive():
    files = {**TOOL, "usr/lib/locale/locale-archive": archive("de_AT.utf8", "ja_JP.eucjp")}
    assert found(files, "usr/bin/tool") == {MESSAGES[0], MESSAGES[1], MESSAGES[3]}


def test_a_damaged_archive():
    good = archive("de_DE.utf8")
    for data in (good[:20], good[:60], b"x" * 100, good[:4] + b"\xff" * 200):
        assert found({**TOOL, "usr/lib/locale/locale-archive": data}, "usr/bin/tool") == set()
