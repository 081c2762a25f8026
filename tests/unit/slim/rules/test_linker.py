"""What the dynamic linker loads."""

import pytest

from elf_files import a_program, an_elf
from lissom.slim.rules.linker import RULES, library_directories
from lissom.slim.scene import Level
from slim_scenes import a_scene, seen, stays

LIBC = an_elf(soname="libc.so.6")
USED = seen("/opt/app/bin/run", kind="exec")


def found(files, program, *, env=(), level=Level.STRICT):
    scene = a_scene({"opt/app/bin/run": program, **files}, sightings=USED, level=level, Env=list(env))
    return {path for path, reason in stays(scene, *RULES).items() if reason != "executed"}


def test_needs_are_followed_to_the_end_through_links():
    files = {
        "lib": "-> usr/lib",
        "lib64": "-> usr/lib64",
        "usr/lib64/ld-linux-x86-64.so.2": LIBC,
        "usr/lib/x86_64-linux-gnu/libc.so.6": LIBC,
        "usr/lib/x86_64-linux-gnu/libone.so.1": "-> libone.so.1.2",
        "usr/lib/x86_64-linux-gnu/libone.so.1.2": an_elf(needed=["libtwo.so"]),
        "usr/lib/libtwo.so": an_elf(),
        "usr/lib/libunused.so": an_elf(),
    }
    assert found(files, a_program(needed=["libone.so.1", "libc.so.6", "libmissing.so"])) == {
        "lib64",
        "usr/lib64/ld-linux-x86-64.so.2",
        "usr/lib/x86_64-linux-gnu/libc.so.6",
        "usr/lib/x86_64-linux-gnu/libone.so.1",
        "usr/lib/x86_64-linux-gnu/libone.so.1.2",
        "usr/lib/libtwo.so",
    }


@pytest.mark.parametrize(
    ("where", "wishes", "env"),
    [
        ("opt/app/lib", {"runpath": "$ORIGIN/../lib"}, []),
        ("opt/app/lib", {"rpath": "/none:${ORIGIN}/../lib"}, []),
        ("opt/app/lib64", {"runpath": "$ORIGIN/../$LIB"}, []),
        ("srv/deep", {}, ["LD_LIBRARY_PATH=/srv/deep"]),
        ("etc/own", {}, []),
        ("usr/local/lib", {}, []),
        ("opt/elsewhere", {}, []),
    ],
)
def test_directories_that_are_searched(where, wishes, env):
    files = {
        f"{where}/liba.so": an_elf(),
        "etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n",
        "etc/ld.so.conf.d/x.conf": "# own\n/etc/own\n",
        "etc/ld.so.conf.d/y.txt": "/none",
    }
    assert found(files, a_program(needed=["liba.so"], **wishes), env=env) == {f"{where}/liba.so"}


def test_the_first_directory_counts_and_another_machine_does_not():
    files = {
        "opt/first/liba.so": an_elf(machine=183),
        "opt/second/liba.so": an_elf(),
        "usr/lib/liba.so": an_elf(),
        "opt/first/text.so": "INPUT(liba.so)",
    }
    program = a_program(needed=["liba.so"], runpath="/opt/first:/opt/second")
    assert found(files, program) == {"opt/second/liba.so"}


def test_variants_for_newer_processors_stay_too():
    files = {"usr/lib/liba.so": an_elf(), "usr/lib/glibc-hwcaps/x86-64-v3/liba.so": an_elf()}
    assert found(files, a_program(needed=["liba.so"])) == set(files)


def test_musl_names_its_directories_in_a_file():
    scene = a_scene({"etc/ld-musl-x86_64.path": "/odd:/lib\n", "odd/": "", "lib/": ""})
    assert library_directories(scene)[:1] == ("odd",)


def test_what_is_loaded_into_every_program():
    files = {"usr/lib/libj.so": an_elf(), "opt/p.so": an_elf(), "etc/ld.so.preload": "/opt/p.so\n"}
    assert found(files, a_program(), env=["LD_PRELOAD=libj.so"]) == set(files)


def test_a_configuration_that_includes_itself_ends():
    files = {"etc/ld.so.conf": "include ld.so.conf\ninclude /etc/ld.so.conf\n/etc\n"}
    assert "etc" in library_directories(a_scene(files))
