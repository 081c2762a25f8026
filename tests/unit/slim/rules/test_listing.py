"""Directories whose entries were read."""

from lissom.slim.rules.listing import RULES
from slim_scenes import a_scene, directories, seen, stays

FILES = {
    "srv/plugins/a.txt": "x",
    "srv/plugins/deep/b.txt": "x",
    "srv/plugins/link": "-> /opt/target",
    "srv/plugins/debug.log": "x" * 100_000,
    "srv/plugins/small.log": "x",
    "opt/target": "x",
    "usr/bin/x": "x",
    "usr/lib/x86_64-linux-gnu/liba.so": "x",
    "usr/lib/python3/dist-packages/six.py": "x",
    "var/lib/dpkg/info/x.list": "x",
}


def found(*paths):
    return set(stays(a_scene(FILES, sightings=seen(*paths, kind="list")), *RULES))


def test_entries_stay():
    assert found("srv/plugins") == {"srv/plugins/a.txt", "srv/plugins/link", "srv/plugins/small.log", "opt/target"}
    scene = a_scene(FILES, sightings=seen("srv/plugins", kind="list"))
    assert "srv/plugins/deep" in directories(scene, *RULES)


def test_directories_of_the_system_and_of_languages():
    assert found("usr/bin", "usr/lib/x86_64-linux-gnu", "usr/lib/python3/dist-packages", "var/lib/dpkg/info") == set()


def test_a_directory_that_was_only_opened():
    assert set(stays(a_scene(FILES, sightings=seen("srv/plugins")), *RULES)) == set()
