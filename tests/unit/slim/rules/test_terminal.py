"""Descriptions of terminals."""

from elf_files import a_program, an_elf
from lissom.slim.rules.terminal import RULES
from slim_scenes import a_scene, seen, stays

FILES = {
    "lib/terminfo/x/xterm": "x",
    "usr/share/terminfo/x/xterm-256color": "-> /lib/terminfo/x/xterm",
    "usr/share/terminfo/a/adm3a": "x",
    "etc/terminfo/README": "x",
    "etc/inputrc": "x",
    "usr/lib/libtinfo.so.6": an_elf(),
    "app/run": a_program(),
}


def test_common_ones_for_what_draws_on_terminals():
    kept = stays(a_scene(FILES, sightings=seen("usr/lib/libtinfo.so.6")), *RULES)
    assert {path for path, reason in kept.items() if reason == "terminal"} == {
        "lib/terminfo/x/xterm",
        "usr/share/terminfo/x/xterm-256color",
        "etc/inputrc",
    }


def test_none_without_it():
    assert set(stays(a_scene(FILES, sightings=seen("app/run")), *RULES)) == {"app/run"}
