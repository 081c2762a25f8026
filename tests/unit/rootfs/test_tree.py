"""Trees: applying, completing and telling the difference."""

import pytest

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset, Tree
from memory_images import a_directory, a_file, a_link
from treedump import treedump


def tree(*entries):
    return Tree().apply(Changeset.of(entries))


LOWER = tree(
    a_directory("usr", mode=0o711),
    a_directory("usr/bin", mode=0o755, mtime=5),
    a_file("usr/bin/sh", b"sh"),
    a_link("bin", "usr/bin"),
    a_file("a", b"same", inode="i"),
    a_file("b", b"same", inode="i"),
)


def test_missing_parents_get_the_lower_attributes():
    complete = Changeset.of([a_file("usr/bin/new", b"1"), a_file("x/y", b"2", mtime=9)]).complete(LOWER)
    assert list(complete.entries) == ["usr", "usr/bin", "usr/bin/new", "x", "x/y"]
    assert (complete.entries["usr"].mode, complete.entries["usr/bin"].mtime) == (0o711, 5)
    assert (complete.entries["x"].mode, complete.entries["x"].mtime) == (0o755, 9)


def test_paths_lead_through_the_links_of_the_lower_layers():
    changeset = Changeset.of([a_file("bin/new", b"1")], whiteouts=["bin/sh", "bin/none"])
    complete = changeset.complete(LOWER)
    assert list(complete.entries) == ["usr", "usr/bin", "usr/bin/new"]
    assert complete.whiteouts == {"usr/bin/sh"}
    assert "bin/new" not in LOWER.apply(changeset)


def test_a_link_that_the_layer_hides_leads_nowhere():
    complete = Changeset.of([a_file("bin/new", b"1")], whiteouts=["bin"]).complete(LOWER)
    assert list(complete.entries) == ["bin", "bin/new"]
    assert complete.entries["bin"].is_directory


def test_a_hard_link_brings_its_target_and_the_names_it_has():
    changeset = Changeset.of([Entry("c", Kind.HARDLINK, link="a")])
    complete = changeset.complete(LOWER)
    assert {path: entry.inode for path, entry in complete.entries.items()} == {"a": "i", "b": "i", "c": "i"}
    assert LOWER.apply(changeset)["c"].content == LOWER["a"].content
    with pytest.raises(IntegrityError) as caught:
        Changeset.of([Entry("c", Kind.HARDLINK, link="usr")]).complete(LOWER)
    assert caught.value.message == "cannot link `/c`: its target `/usr` is not a file of the image"


def test_a_parent_that_is_a_file_is_refused():
    with pytest.raises(IntegrityError, match="cannot place `/a/x`: `/a` is not a directory"):
        LOWER.apply(Changeset.of([a_file("a/x")]))


def test_an_opaque_root_becomes_marks_that_overlayfs_obeys():
    complete = Changeset.of([a_file("usr/new", b"1")], opaques=[""]).complete(LOWER)
    assert (complete.whiteouts, complete.opaques) == ({"a", "b", "bin"}, {"usr"})
    assert list(LOWER.apply(complete)) == ["", "usr", "usr/new"]
    assert list(LOWER.apply(Changeset.of([a_file("usr/new", b"1")], opaques=[""]))) == ["", "usr", "usr/new"]


def test_completing_twice_changes_nothing():
    once = Changeset.of([a_file("bin/new", b"1"), Entry("c", Kind.HARDLINK, link="b")], ["a"], ["usr"]).complete(LOWER)
    assert once.complete(LOWER) == once


def test_the_difference_is_small():
    other = LOWER.apply(Changeset.of([a_file("usr/bin/new", b"1"), a_link("a", "b")], whiteouts=["usr/bin/sh"]))
    difference = LOWER.diff(other)
    assert (list(difference.entries), difference.whiteouts) == (["a", "usr/bin/new"], {"usr/bin/sh"})
    assert treedump(LOWER.apply(difference)) == treedump(other)


def test_links_follow_the_root():
    assert LOWER.resolve("/bin/../bin/sh") == "usr/sh" or LOWER.resolve("bin/sh") == "usr/bin/sh"
    assert LOWER.resolve("bin", follow=False) == "bin"
    with pytest.raises(IntegrityError, match="too many levels"):
        tree(a_link("x", "y"), a_link("y", "x")).resolve("x")
