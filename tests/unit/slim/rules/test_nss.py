"""Modules of the name service."""

from elf_files import an_elf
from lissom.slim.rules.nss import RULES
from slim_scenes import a_scene, seen, stays

MODULES = {f"usr/lib/libnss_{name}.so.2": an_elf() for name in ("files", "dns", "compat", "systemd", "hesiod")}
LIBC = {"usr/lib/libc.so.6": an_elf(soname="libc.so.6")}


def found(files):
    kept = stays(a_scene(files, sightings=seen("usr/lib/libc.so.6")), *RULES)
    return {path.partition("nss_")[2].partition(".")[0] for path, reason in kept.items() if reason == "nss"}


def test_modules_that_the_configuration_names():
    conf = (
        "# x: hesiod\npasswd: files systemd\nhosts:   files [NOTFOUND=return !UNAVAIL=continue] dns\nodd\n: ../../x\n"
    )
    assert found({**LIBC, **MODULES, "etc/nsswitch.conf": conf}) == {"files", "systemd", "dns"}


def test_without_a_configuration():
    assert found({**LIBC, **MODULES}) == {"files", "dns"}


def test_without_the_c_library_nobody_loads_them():
    assert found(MODULES) == set()
