"""Fonts."""

from elf_files import a_program, an_elf
from lissom.slim.rules.fonts import RULES
from slim_scenes import a_scene, directories, seen, stays

FILES = {
    "etc/fonts/fonts.conf": "x",
    "etc/fonts/conf.d/10.conf": "-> /usr/share/fontconfig/conf.avail/10.conf",
    "usr/share/fontconfig/conf.avail/10.conf": "x",
    "usr/share/fonts/truetype/a.ttf": "x",
    "usr/lib/libfontconfig.so.1": an_elf(),
    "app/run": a_program(),
    "var/cache/fontconfig/": "",
}


def test_what_finds_fonts_needs_them():
    scene = a_scene(FILES, sightings=seen("usr/lib/libfontconfig.so.1"))
    assert set(stays(scene, *RULES)) == set(FILES) - {"app/run", "var/cache/fontconfig/"}
    assert "var/cache/fontconfig" in directories(scene, *RULES)


def test_without_it_they_go():
    assert set(stays(a_scene(FILES, sightings=seen("app/run")), *RULES)) == {"app/run"}
