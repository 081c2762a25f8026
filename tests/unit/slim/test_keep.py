"""What is kept brings what it cannot be reached without."""

from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Tree
from lissom.slim.keep import Keep, Keeps
from rule_scenes import tree_of


def kept(tree, *paths):
    keeps = Keeps(tree)
    for path in paths:
        keeps.add(Keep(path, "opened", "app"))
    return keeps


def test_parents_and_links_on_the_way_stay():
    tree = tree_of({"usr/bin/dash": "x", "usr/bin/sh": "-> dash", "bin": "-> usr/bin", "usr/bin/other": "y"})
    keeps = kept(tree, "bin/sh")
    assert set(keeps) == {"", "bin", "usr", "usr/bin", "usr/bin/sh", "usr/bin/dash"}
    assert keeps["usr/bin/dash"] == Keep("usr/bin/dash", "opened", "app")
    assert keeps["bin"].reason == "on the way"


def test_all_names_of_one_file_stay():
    file = Entry("a", Kind.FILE, 0o755, size=1, content=Inline(b"x"), inode="1")
    tree = Tree({"a": file, "d": Entry("d", Kind.DIRECTORY, 0o755), "d/b": Entry("d/b", Kind.FILE, 0o755, inode="1")})
    assert set(kept(tree, "a")) == {"", "a", "d", "d/b"}


def test_of_a_directory_only_itself_stays():
    tree = tree_of({"srv/a": "1", "srv/b": "2"})
    assert set(kept(tree, "srv")) == {"", "srv"}
    keeps = kept(tree)
    keeps.add_below("/srv/", "asked", "you")
    assert set(keeps) == {"", "srv", "srv/a", "srv/b"}


def test_what_is_not_there_is_passed_over():
    tree = tree_of({"etc/passwd": "x", "loop": "-> loop"})
    keeps = Keeps(tree)
    assert not keeps.add(Keep("etc/shadow", "opened"))
    assert not keeps.add(Keep("loop", "opened"))
    assert keeps.add(Keep("/etc/../etc/./passwd", "opened"))


def test_what_is_fresh_is_told_once_and_directories_never():
    tree = tree_of({"a/b": "1", "c": "2"})
    keeps = kept(tree, "a/b")
    assert [keep.path for keep in keeps.take()] == ["a/b"]
    keeps.add(Keep("c", "opened"))
    keeps.add(Keep("a/b", "again"))
    assert [keep.path for keep in keeps.take()] == ["c"]
    assert keeps["a/b"].reason == "opened"
