"""Paths of an image, looked up."""

import pytest

from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Tree
from lissom.verify.expectation import Expectation
from lissom.verify.files import examine
from lissom.verify.probe import Files

TREE = Tree({
    entry.path: entry
    for entry in (
        Entry("etc", Kind.DIRECTORY, 0o755),
        Entry("etc/x", Kind.FILE, 0o640, uid=1, gid=2, size=3, content=Inline(b"abc")),
        Entry("etc/link", Kind.SYMLINK, 0o777, link="x"),
        Entry("etc/loop", Kind.SYMLINK, 0o777, link="loop"),
    )
})  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "expect", "fault"),
    [
        (Files("/etc/x"), Expectation(), None),
        (Files("/etc/link"), Expectation(body=("^abc$",)), None),
        (Files("/etc/link", kind="l"), Expectation(), None),
        (Files("/etc/none"), Expectation(), "/etc/none is not there"),
        (Files("/etc/loop"), Expectation(), "/etc/loop is not there"),
        (Files("/etc/none", exists=False), Expectation(), None),
        (Files("/etc/x", exists=False), Expectation(), "/etc/x is there"),
        (Files("/etc/x", kind="d"), Expectation(), "/etc/x is a file, not a directory"),
        (Files("/etc/x", mode=0o644), Expectation(), "/etc/x has mode 0640, not 0644"),
        (Files("/etc/x", uid=0), Expectation(), "/etc/x belongs to user 1, not 0"),
        (Files("/etc/x", gid=0), Expectation(), "/etc/x belongs to group 2, not 0"),
        (Files("/etc/x", executable="any"), Expectation(), "/etc/x is not executable by any (mode 0640)"),
        (Files("/etc/x"), Expectation(body=("z",)), "the body lacks 'z': abc"),
        (Files("/etc/x"), Expectation(without=("b",)), "the body has 'b': abc"),
        (Files("/etc"), Expectation(body=("z",)), "/etc is no regular file"),
    ],
)
def test_files(wanted, expect, fault):
    assert examine(wanted, expect, TREE)[1] == fault
