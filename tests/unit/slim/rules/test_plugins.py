"""Plug-ins and modules."""

from elf_files import a_program, an_elf
from lissom.slim.rules.plugins import RULES
from slim_scenes import a_scene, debs, seen, stays


def found(files, *paths):
    return {
        path for path, reason in stays(a_scene(files, sightings=seen(*paths)), *RULES).items() if reason != "opened"
    }


def test_plug_ins_of_the_app_stay_together():
    files = {f"usr/local/lib/kvd/{name}": an_elf() for name in ("a.so", "b.so", "c.so.2", "readme.txt")}
    assert found(files, "usr/local/lib/kvd/a.so") == {"usr/local/lib/kvd/b.so", "usr/local/lib/kvd/c.so.2"}


def test_plug_ins_of_a_package_stay_with_their_package():
    modules = [f"usr/lib/httpd/{name}.so" for name in "abc"]
    files = dict.fromkeys(modules, an_elf()) | debs({"httpd": modules[:2], "other": modules[2:]})
    assert found(files, modules[0]) == {modules[1]}


def test_libraries_of_the_system_are_no_plug_ins():
    files = {"usr/lib/x86_64-linux-gnu/liba.so": an_elf(), "usr/lib/x86_64-linux-gnu/libb.so": an_elf()}
    assert found(files, "usr/lib/x86_64-linux-gnu/liba.so") == set()


def test_directories_with_rules_of_their_own():
    files = {
        "usr/lib/gconv/A.so": an_elf(),
        "usr/lib/gconv/B.so": an_elf(),
        "usr/lib/python3/dist-packages/x/a.so": an_elf(),
        "usr/lib/python3/dist-packages/x/b.so": an_elf(),
    }
    assert found(files, "usr/lib/gconv/A.so", "usr/lib/python3/dist-packages/x/a.so") == set()


def test_modules_that_came_with_a_library():
    own = ["usr/lib/libmagick.so.6", "usr/lib/magick/coders/png.so", "usr/lib/gconv/X.so", "usr/lib/magick/notes"]
    files = {**dict.fromkeys(own, an_elf()), **debs({"libmagick": own}), "usr/lib/magick/coders/odd.so": an_elf()}
    assert found(files, own[0]) >= {own[1]}
    assert own[2] not in found(files, own[0])


def test_modules_where_a_library_looks_for_them():
    files = {"usr/lib/libcrypto.so.3": an_elf(), "usr/lib/ossl-modules/legacy.so": an_elf()}
    assert found(files, "usr/lib/libcrypto.so.3") == {"usr/lib/ossl-modules/legacy.so"}
    assert found({**files, "app": a_program()}, "app") == set()


def test_mechanisms_of_sasl_for_those_who_speak_it():
    files = {
        "usr/lib/sasl2/libplain.so": an_elf(),
        "usr/lib/libldap.so.2": an_elf(imports=["sasl_client_init"]),
        "usr/lib/librdkafka.so.1": an_elf(imports=["sasl_client_init"]),
    }
    assert found(files, "usr/lib/libldap.so.2") == set()
    assert found(files, "usr/lib/librdkafka.so.1") == {"usr/lib/sasl2/libplain.so"}
