"""The Class-Path of manifests."""

import pytest

from java_files import damaged, jar
from lissom.rootfs.entry import Inline
from lissom.slim.java_manifest import class_path


@pytest.mark.parametrize(
    ("manifest", "paths"),
    [
        ("Class-Path: a.jar lib/b%20c.jar\n", ("a.jar", "lib/b c.jar")),
        ("A: b\r\nClass-Path: long-na\r\n me.jar file:/opt/x.jar\r\n", ("long-name.jar", "/opt/x.jar")),
        ("Class-Path: http://example.com/x.jar\n", ()),
        ("Main-Class: A\n", ()),
    ],
)
def test_words_of_the_class_path(manifest, paths):
    data = jar({"META-INF/MANIFEST.MF": manifest})
    assert class_path(Inline(data), len(data)) == paths


def test_no_jar_no_path():
    assert class_path(Inline(b"x"), 1) == class_path(Inline(jar({})), 22) == ()
    assert class_path(Inline(b""), 2 << 30) == ()
    assert class_path(Inline(damaged(jar({"META-INF/MANIFEST.MF": "Class-Path: a.jar\n"}))), 100) == ()
