"""What may differ after a fix, what is noise, and what is a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lissom.api.fix_equal import Allowance, Noise, config_changes, held_against
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Tree
from memory_images import a_file

LISTS = "var/lib/apt/lists/**"


def fix(*paths: str, equivalence: Equivalence = Equivalence.E1, config: tuple[str, ...] = ()) -> Fix:
    return Fix("a fix", (), Safety.SAFE, equivalence, "", paths=paths, config=config)


def tree(*entries: Entry) -> Tree:
    return Tree({entry.path: entry for entry in entries})


def compared(before: Tree, after: Tree, *fixes: Fix, noise: Noise | None = None):
    asked = []

    def learned() -> Noise:
        asked.append(1)
        return noise or Noise(frozenset(), frozenset())

    found = held_against(({}, before), ({}, after), Allowance.of(fixes), learned)
    return found, bool(asked)


A = a_file("app/a", b"1")
LIST = a_file("var/lib/apt/lists/x", b"2")
LOG = a_file("var/log/dpkg.log", b"10:00")


def test_equal_trees_hold_and_nobody_asks_for_noise():
    found, asked = compared(tree(A), tree(replace(A, mtime=99)), fix())
    assert (found.equal, found.level, asked, found.reason) == (True, Equivalence.E0, False, "")


@pytest.mark.parametrize(
    ("paths", "equal"),
    [((LISTS,), True), (("/var/lib/apt/lists/**",), True), (("var/lib/apt/lists",), True), (("var/cache/**",), False)],
    ids=["below", "absolute", "with-itself", "elsewhere"],
)
def test_what_is_meant_to_go_may_go(paths, equal):
    found, asked = compared(tree(A, LIST), tree(A), fix(*paths))
    assert found.equal is equal
    assert asked is not equal
    if equal:
        assert found.level is Equivalence.E1
        assert [change.path for change in found.gone] == [LIST.path]
    else:
        assert found.reason == "/var/lib/apt/lists/x is gone"


def test_the_directory_of_what_goes_may_go_too_but_not_its_parent():
    lists = Entry("var/lib/apt/lists", Kind.DIRECTORY, 0o755)
    parent = Entry("var/lib/apt", Kind.DIRECTORY, 0o755)
    found, _ = compared(tree(parent, lists, LIST), tree(parent), fix(LISTS))
    assert found.equal
    found, _ = compared(tree(parent, lists, LIST), tree(), fix(LISTS))
    assert found.reason == "/var/lib/apt is gone"


def test_an_e0_fix_lets_nothing_go_whatever_paths_it_names():
    found, _ = compared(tree(A, LIST), tree(A), fix(LISTS, equivalence=Equivalence.E0))
    assert not found.equal


def test_what_may_go_may_neither_change_nor_come():
    other = replace(LIST, size=1, content=Inline(b"3"))
    found, _ = compared(tree(LIST), tree(other), fix(LISTS))
    assert found.reason == "/var/lib/apt/lists/x differs in content"
    found, _ = compared(tree(A), tree(A, LIST), fix(LISTS))
    assert found.reason == "/var/lib/apt/lists/x is new"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mode": 0o600}, "mode"),
        ({"uid": 7}, "owner"),
        ({"xattrs": {"user.a": b"1"}}, "xattrs"),
        ({"kind": Kind.SYMLINK, "link": "b", "size": 0, "content": None}, "kind"),
        ({"content": Inline(b"2")}, "content"),
    ],
    ids=["mode", "owner", "xattrs", "kind", "content"],
)
def test_every_attribute_but_times_counts(change, word):
    found, _ = compared(tree(A), tree(replace(A, **change)), fix())
    assert found.reason.startswith(f"/app/a differs in {word}")


def test_noise_explains_what_differs_between_two_builds_but_not_that_it_is_gone():
    later = replace(LOG, content=Inline(b"10:05"))
    noise = Noise.between(tree(A, LOG), tree(A, replace(LOG, content=Inline(b"10:02"))))
    found, asked = compared(tree(A, LOG), tree(A, later), fix(), noise=noise)
    assert (found.equal, found.level, asked) == (True, Equivalence.E2, True)
    found, _ = compared(tree(A, LOG), tree(A), fix(), noise=noise)
    assert found.reason == "/var/log/dpkg.log is gone"


def test_names_with_numbers_are_noise_by_their_shape():
    def log(number: str) -> Entry:
        return a_file(f"root/.npm/_logs/2026-11-{number}-debug.log", b"x")

    noise = Noise.between(tree(log("01")), tree(log("02")))
    found, _ = compared(tree(log("01")), tree(log("03")), fix(), noise=noise)
    assert found.equal
    found, _ = compared(tree(log("01")), tree(log("03"), a_file("root/.npm/x1", b"x")), fix(), noise=noise)
    assert found.reason == "/root/.npm/x1 is new"


def linked(path: str, inode: str) -> Entry:
    return a_file(path, b"1", inode=inode)


def test_a_hard_link_that_is_a_copy_now_is_a_fault():
    found, _ = compared(tree(linked("a", "1"), linked("b", "1")), tree(linked("a", "2"), linked("b", "3")), fix())
    assert "/a differs in its other names" in found.reason


def test_a_link_into_a_cache_may_go_with_the_cache():
    """As uv links its cache into site-packages."""
    before = tree(linked("lib/a", "1"), linked("lib/b", "1"), linked("cache/a", "1"))
    found, _ = compared(before, tree(linked("lib/a", "9"), linked("lib/b", "9")), fix("cache/**"))
    assert (found.equal, found.level) == (True, Equivalence.E1)
    found, _ = compared(before, tree(linked("lib/a", "9"), linked("lib/b", "8")), fix("cache/**"))
    assert not found.equal


def test_many_faults_are_told_by_the_first():
    found, _ = compared(tree(), tree(*(a_file(f"f{number}", b"") for number in range(9))), fix())
    assert found.reason.splitlines() == [*(f"/f{number} is new" for number in range(5)), "and 4 paths more"]


def test_config_differs_where_values_do_and_what_is_empty_is_not_there():
    assert config_changes({"Cmd": ["a"], "User": ""}, {"Cmd": ["b"], "Volumes": {}}) == ("Cmd",)


def test_a_field_of_the_config_may_differ_when_the_fix_says_so():
    sides = [({"Cmd": [word], "User": word}, tree(A)) for word in ("a", "b")]
    allowance = Allowance.of([fix(config=("Cmd",))])
    found = held_against(sides[0], sides[1], allowance, lambda: Noise(frozenset(), frozenset()))
    assert (found.equal, found.config, found.reason) == (False, ("Cmd",), "User of the config differs")
