"""Libraries that are asked for by name while a program runs."""

from elf_files import a_program, an_elf
from lissom.slim.rules.dlopen import RULES
from slim_scenes import a_scene, seen, stays


def found(files, *paths):
    return {
        path for path, reason in stays(a_scene(files, sightings=seen(*paths)), *RULES).items() if reason != "opened"
    }


def test_names_among_read_only_data():
    files = {
        "app/run": a_program(texts=["libplug.so.1", "libmissing.so.9", "libscript.so"]),
        "usr/lib/libplug.so.1": an_elf(),
        "usr/lib/libother.so.1": an_elf(),
        "usr/lib/libscript.so": "INPUT(libplug.so.1)",
    }
    assert found(files, "app/run") == {"usr/lib/libplug.so.1"}


def test_a_library_beside_the_one_that_names_it():
    files = {"app/lib/liba.so": an_elf(texts=["libb.so"]), "app/lib/libb.so": an_elf()}
    assert found(files, "app/lib/liba.so") == {"app/lib/libb.so"}


def test_the_c_library_mentions_what_any_program_might_want():
    files = {
        "usr/lib/libc.so.6": an_elf(soname="libc.so.6", texts=["libgcc_s.so.1"]),
        "usr/lib/libgcc_s.so.1": an_elf(),
    }
    assert found(files, "usr/lib/libc.so.6") == set()


def test_what_is_only_for_kernels_and_desktops():
    files = {
        "usr/lib/libselinux.so.1": an_elf(texts=["libsepol.so.2"]),
        "usr/lib/libsepol.so.2": an_elf(),
    }
    assert found(files, "usr/lib/libselinux.so.1") == set()


def test_ending_a_thread_loads_the_unwinder():
    files = {"app/a": a_program(imports=["pthread_exit"]), "app/b": a_program(), "usr/lib/libgcc_s.so.1": an_elf()}
    assert found(files, "app/b") == set()
    assert found(files, "app/a") == {"usr/lib/libgcc_s.so.1"}
