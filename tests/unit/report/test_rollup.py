"""Many changes in few lines."""

from __future__ import annotations

from lissom.analysis.difference import Change, tree_changes
from lissom.report.rollup import rolled_up
from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Tree
from memory_images import a_directory, a_file


def changes(before: list[Entry], after: list[Entry]) -> tuple[Change, ...]:
    return tree_changes(Tree({e.path: e for e in before}), Tree({e.path: e for e in after}))


def lines(found: tuple[Change, ...], most: int) -> dict[str, tuple[int, int, int, int]]:
    return {part.path: (part.added, part.removed, part.changed, part.size) for part in rolled_up(found, most)}


DIRECTORIES = [a_directory("usr"), a_directory("usr/bin"), a_directory("etc")]
OLD = [*DIRECTORIES, a_directory("usr/doc"), *(a_file(f"usr/doc/{n}", b"12") for n in range(50))]
NEW = [*DIRECTORIES, *(a_file(f"usr/bin/{n}", b"1") for n in range(5)), a_file("etc/new", b"1")]


def test_what_goes_as_a_whole_is_one_line() -> None:
    assert lines(changes(OLD, NEW), 100)["usr/doc"] == (0, 51, 0, -100)


def test_there_are_no_more_lines_than_asked_for() -> None:
    found = changes(OLD, NEW)
    assert lines(found, 1) == {"": (6, 51, 0, -94)}
    assert lines(found, 3) == {"etc/new": (1, 0, 0, 1), "usr/bin": (5, 0, 0, 5), "usr/doc": (0, 51, 0, -100)}
    for most in (1, 2, 3, 5, 8, 20):
        parts = rolled_up(found, most)
        assert len(parts) <= most
        assert sum(part.count for part in parts) == 57
        assert sum(part.size for part in parts) == -94


def test_a_directory_that_changed_is_told_beside_what_is_in_it() -> None:
    found = changes(OLD, [*OLD[:-1], a_directory("usr/doc", mode=0o700)])
    assert lines(found, 10) == {"usr/doc": (0, 0, 1, 0), "usr/doc/49": (0, 1, 0, -2)}


def test_nothing_is_no_line() -> None:
    assert lines((), 10) == {"": (0, 0, 0, 0)}
