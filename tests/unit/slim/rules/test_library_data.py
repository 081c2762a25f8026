"""Data of libraries in packages of their own."""

from elf_files import an_elf
from lissom.slim.rules.library_data import RULES
from slim_scenes import a_scene, debs, seen, stays

PACKAGES = {
    "libmagic1": ["usr/lib/libmagic.so.1"],
    "libmagic-mgc": ["usr/lib/file/magic.mgc", "usr/share/misc/magic.mgc", "usr/share/doc/libmagic-mgc/copyright"],
    "helper": ["usr/bin/helper", "usr/share/helper/a"],
    "heavy": ["usr/share/heavy/a"],
}
FILES = {
    **dict.fromkeys([path for paths in PACKAGES.values() for path in paths], "x"),
    "usr/lib/libmagic.so.1": an_elf(),
    "usr/share/misc/magic.mgc": "-> ../../lib/file/magic.mgc",
    "usr/share/heavy/a": "x" * (13 << 20),
    **debs(PACKAGES, {"libmagic1": "libmagic-mgc, helper, heavy"}),
}


def test_data_of_a_library_stays_and_nothing_else_that_its_package_requires():
    found = stays(a_scene(FILES, sightings=seen("usr/lib/libmagic.so.1")), *RULES)
    assert {path for path, reason in found.items() if reason == "library data"} == {
        "usr/lib/file/magic.mgc",
        "usr/share/misc/magic.mgc",
    }


def test_without_the_library_it_goes():
    assert not stays(a_scene(FILES, sightings=seen("usr/bin/helper")), *RULES).keys() & set(PACKAGES["libmagic-mgc"])
