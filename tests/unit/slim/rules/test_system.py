"""Small files and directories that any program may count on."""

from elf_files import a_program
from lissom.slim.rules.system import RULES
from lissom.slim.scene import Level
from slim_scenes import a_scene, debs, directories, seen, stays

PASSWD = "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:/x\nann:x:1000:1000::/home/ann:/bin/sh\nshort:x\n"


def test_small_files():
    files = {f"etc/{name}": "x" for name in ("services", "nsswitch.conf", "mime.types", "shadow", "bash.bashrc")}
    files |= {"usr/lib/ssl/openssl.cnf": "-> /etc/ssl/openssl.cnf", "etc/ssl/openssl.cnf": "x", "usr/share/doc/x": "x"}
    assert set(stays(a_scene(files), *RULES)) == {
        "etc/services",
        "etc/nsswitch.conf",
        "etc/mime.types",
        "usr/lib/ssl/openssl.cnf",
        "etc/ssl/openssl.cnf",
    }
    assert stays(a_scene(files, level=Level.STRICT), *RULES) == {}


def test_directories_and_links_of_every_system():
    files = {"bin": "-> usr/bin", "var/run": "-> /run", "run/lock/": "", "usr/bin/x": "x", "tmp/": "", "odd/a": "x"}
    scene = a_scene(files, level=Level.STRICT)
    assert set(stays(scene, *RULES)) == {"bin", "var/run"}
    assert directories(scene, *RULES) == {"", "usr", "usr/bin", "run", "run/lock", "tmp", "var"}


def test_homes_of_people():
    files = {"etc/passwd": PASSWD, "home/ann/": "", "usr/sbin/x": "x", "home/bob/x": "x"}
    assert "home/ann" in directories(a_scene(files), *RULES)
    assert "home/bob" not in directories(a_scene(files), *RULES)


def test_directories_that_wait_for_files():
    packages = {"kept": ["usr/bin/kept", "var/log/kept", "var/lib/kept/body"], "gone": ["usr/bin/gone", "var/log/gone"]}
    files = {
        "usr/bin/kept": "x",
        "usr/bin/gone": "x",
        **dict.fromkeys(
            ("var/log/kept/", "var/lib/kept/body/", "var/log/gone/", "data/", "var/lib/own/", "usr/share/x/"), ""
        ),
        "srv/full/a": "x",
        "var/lib/kept/old": "x",
        "var/log/mine/x.log": "x",
        **debs(packages),
    }
    found = directories(a_scene(files, sightings=seen("usr/bin/kept")), *RULES)
    assert found >= {"var/log/kept", "var/lib/kept/body", "data", "var/lib/own", "var/log/mine"}
    assert found.isdisjoint({"var/log/gone", "usr/share/x", "srv/full"})


def test_what_checks_passwords():
    files = {
        "usr/bin/su": a_program(imports=["pam_start"]),
        "usr/bin/id": a_program(),
        "etc/shadow": "x",
        "etc/pam.d/su": "x",
        "usr/lib/x86_64-linux-gnu/security/pam_unix.so": "x",
    }
    assert set(stays(a_scene(files, sightings=seen("usr/bin/su")), *RULES)) == set(files) - {"usr/bin/id"}
    assert set(stays(a_scene(files, sightings=seen("usr/bin/id")), *RULES)) == {"usr/bin/id"}
