"""Images whose packages are not known."""

from lissom.slim.rules.distribution import RULES
from slim_scenes import a_scene, debs, seen, stays

PATHS = """
etc/httpd/conf/httpd.conf etc/httpd/conf.d/a.conf etc/other/x etc/hosts usr/share/httpd/a usr/share/b etc/pki/a etc/pki/b
usr/lib64/httpd/modules/a.so usr/lib64/httpd/modules/b.so usr/lib64/libc.so.6
"""
FILES = dict.fromkeys(PATHS.split(), "x")


def found(*paths, **more):
    return set(stays(a_scene({**FILES, **more}, sightings=seen(*paths)), *RULES)) - set(paths)


def test_directories_that_are_used_stay():
    assert found("etc/httpd/conf/httpd.conf") == {"etc/httpd/conf.d/a.conf"}
    assert found("usr/lib64/httpd/modules/a.so") == {"usr/lib64/httpd/modules/b.so"}
    assert found("usr/share/httpd/a") == set()


def test_what_is_no_directory_of_its_own():
    assert found("etc/hosts", "usr/share/b", "usr/lib64/libc.so.6", "etc/pki/a") == set()


def test_known_packages_have_better_rules():
    assert found("etc/httpd/conf/httpd.conf", **debs({"x": ["usr/bin/x"]})) == set()
