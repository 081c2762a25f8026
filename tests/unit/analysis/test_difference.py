"""What differs between two trees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lissom.analysis.difference import tree_changes
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Tree
from memory_images import a_directory, a_file, a_link


def tree_of(*entries: Entry) -> Tree:
    return Tree({entry.path: entry for entry in entries})


def told(before: list[Entry], after: list[Entry], **options) -> dict[str, tuple]:
    changes = tree_changes(tree_of(*before), tree_of(*after), **options)
    return {f"{change.sign}{change.path}": (*change.what, change.size) for change in changes}


FILE = a_file("a", b"123", mode=0o644, mtime=1)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (replace(FILE), None),
        (a_file("a", b"123", mode=0o644, mtime=2), None),
        (replace(FILE, mode=0o755), ("mode", 0)),
        (replace(FILE, uid=5), ("owner", 0)),
        (replace(FILE, gid=5), ("owner", 0)),
        (a_file("a", b"124"), ("content", 0)),
        (a_file("a", b"12345"), ("size", "content", 2)),
        (replace(FILE, xattrs={"user.a": b"1"}), ("xattrs", 0)),
        (a_directory("a"), ("kind", "mode", -3)),
        (a_link("a", "b"), ("kind", -3)),
    ],
)
def test_attributes(other: Entry, what: tuple | None) -> None:
    assert told([FILE], [other]) == ({"~a": what} if what else {})


def test_times_count_when_asked() -> None:
    assert told([FILE], [replace(FILE, mtime=9)], times=True) == {"~a": ("time", 0)}


def test_links_and_devices() -> None:
    null = Entry("n", Kind.CHARACTER, 0o666, device=(1, 3))
    assert told([a_link("l", "x"), null], [replace(a_link("l", "y"), mode=0o755), replace(null, device=(1, 5))]) == {
        "~l": ("link", 0),
        "~n": ("device", 0),
    }


def test_names_of_one_file_weigh_once_and_are_compared() -> None:
    one = [a_file("a", b"123", inode="1"), a_file("b", b"123", inode="1")]
    assert told(one, [replace(entry, inode="7") for entry in one]) == {}
    assert told(one, [a_file("a", b"123"), a_file("b", b"123")]) == {"~a": ("names", 0), "~b": ("names", 3)}
    assert told([], one) == {"+a": (3,), "+b": (0,)}
    assert told(one, one[1:]) == {"-a": (-3,), "~b": ("names", 3)}


def test_what_is_new_and_gone_sums_to_the_difference_of_sizes() -> None:
    changes = tree_changes(tree_of(a_file("a", b"12"), a_file("c", b"1")), tree_of(a_file("b", b"12345"), a_file("c")))
    assert sum(change.size for change in changes) == 2
    assert [change.sign for change in changes] == ["-", "+", "~"]
