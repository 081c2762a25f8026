"""What belongs to packages that are used."""

from elf_files import an_elf
from lissom.slim.rules.package_data import RULES
from slim_scenes import a_scene, debs, seen, stays

SERVER = [
    "usr/sbin/server",
    "etc/server/server.conf",
    "etc/init.d/server",
    "etc/logrotate.d/server",
    "usr/share/server/error.html",
    "usr/share/doc/server/copyright",
    "usr/share/man/man8/server.8",
    "usr/lib/server/modules/a.so",
    "usr/lib/x86_64-linux-gnu/server/b.so",
    "usr/lib/systemd/system/server.service",
    "usr/lib/x86_64-linux-gnu/libserver.so.1",
    "usr/libexec/server/helper",
]
KEPT = {SERVER[number] for number in (1, 4, 7, 8, 11)}


def found(files, *paths, kind="open", **wishes):
    scene = a_scene(files, sightings=seen(*paths, kind=kind), **wishes)
    return {path for path, reason in stays(scene, *RULES).items() if reason == "package data"}


def test_configuration_data_and_plug_ins():
    files = {**dict.fromkeys(SERVER, "x"), **debs({"server": SERVER})}
    assert found(files, "usr/sbin/server", kind="exec") == KEPT
    assert found(files, "usr/share/doc/server/copyright", kind="stat") == set()
    assert found(files) == set()


def test_what_scripts_and_users_put_into_its_configuration():
    files = {**dict.fromkeys(SERVER, "x"), "etc/server/conf.d/own.conf": "x", "etc/server/on/a": "-> ../server.conf"}
    files |= debs({"server": SERVER})
    assert found(files, "usr/sbin/server") == KEPT | {"etc/server/conf.d/own.conf", "etc/server/on/a"}


def test_a_directory_of_several_packages():
    packages = {"one": ["usr/bin/one", "etc/shared/one.conf"], "two": ["usr/bin/two", "etc/shared/two.conf"]}
    files = dict.fromkeys([*packages["one"], *packages["two"]], "x") | {"etc/shared/own": "x"} | debs(packages)
    assert found(files, "usr/bin/one") == {"etc/shared/one.conf"}


def test_packages_with_data_only_that_a_used_one_needs():
    packages = {
        "server": ["usr/sbin/server"],
        "server-data": ["usr/share/server/a", "etc/server.conf"],
        "server-tools": ["usr/bin/tool", "usr/share/tools/a"],
    }
    files = dict.fromkeys([path for paths in packages.values() for path in paths], "x")
    files |= debs(packages, {"server": "server-data, server-tools"})
    assert found(files, "usr/sbin/server") == {"usr/share/server/a", "etc/server.conf"}


def test_much_data_stays_only_where_it_is_worth_it():
    paths = ["usr/bin/tool", "usr/lib/libtool.so.1", "usr/share/tool/big", "usr/share/tool/small"]
    files = {**dict.fromkeys(paths, "x"), "usr/share/tool/big": "x" * (9 << 20), **debs({"tool": paths})}
    assert found(files, "usr/lib/libtool.so.1") == set()
    assert found(files, "usr/lib/libtool.so.1", "usr/share/tool/small") == {"usr/share/tool/big"}
    assert found(files, "usr/bin/tool") == {"usr/share/tool/big", "usr/share/tool/small"}


def test_directories_of_packages_elsewhere():
    paths = ["opt/vendor/bin/run", "opt/vendor/data", "var/lib/vendor/seed", "opt/other", "usr/lib/vendor/x.a"]
    files = {**dict.fromkeys(paths, "x"), **debs({"vendor": paths})}
    assert found(files, "opt/vendor/bin/run") == {"opt/vendor/data", "var/lib/vendor/seed"}


def test_a_plug_in_with_huge_libraries_goes_when_nobody_used_it():
    paths = ["usr/bin/db", "usr/lib/db/jit.so", "usr/lib/db/small.so", "usr/lib/libcompiler.so"]
    files = {**dict.fromkeys(paths, "x"), **debs({"db": paths[:3]})}
    files["usr/lib/db/jit.so"] = an_elf(needed=["libcompiler.so"])
    files["usr/lib/db/small.so"] = an_elf()
    files["usr/lib/libcompiler.so"] = an_elf() + bytes(25 << 20)
    assert found(files, "usr/bin/db") == {"usr/lib/db/small.so"}
