"""The level package."""

from lissom.slim.rules.level_package import RULES
from lissom.slim.scene import Level
from slim_scenes import a_scene, debs, seen, stays

PATHS = [
    "usr/bin/tool",
    "usr/lib/tool/x",
    "usr/share/tool/y",
    "usr/share/man/man1/tool.1",
    "usr/share/doc/tool/copyright",
]
FILES = {**dict.fromkeys([*PATHS, "usr/bin/other"], "x"), **debs({"tool": PATHS, "other": ["usr/bin/other"]})}


def found(level):
    return set(stays(a_scene(FILES, sightings=seen("usr/bin/tool"), level=level), *RULES))


def test_whole_packages_but_for_manuals():
    assert found(Level.PACKAGE) == {
        "usr/bin/tool",
        "usr/lib/tool/x",
        "usr/share/tool/y",
        "usr/share/doc/tool/copyright",
    }


def test_other_levels():
    assert found(Level.FILE) == {"usr/bin/tool"}
