"""Ignore patterns: what moby's matcher says of a path."""

from __future__ import annotations

import pytest

from lissom.context.ignore import Ignore
from lissom.errors import UsageError

CASES = [
    ("one name", "a.txt", {"a.txt"}, {"b.txt", "dir/a.txt"}),
    ("a directory covers what is below", "dir", {"dir", "dir/x", "dir/x/y"}, {"dirs", "x/dir"}),
    ("slashes at both ends", "/dir/", {"dir/x"}, {"x/dir"}),
    ("star stays in one part", "*.go", {"a.go"}, {"x/a.go"}),
    ("two stars before a slash", "**/*.go", {"a.go", "x/a.go", "x/y/a.go"}, {"a.got"}),
    ("two stars at the end", "x/**", {"x/a", "x/a/b"}, {"x", "y/x/a"}),
    ("two stars in the middle", "a/**/b", {"a/b", "a/x/b", "a/x/y/b"}, {"b", "a/bb"}),
    ("two stars and a name", "**/node_modules", {"node_modules", "x/node_modules/y"}, {"xnode_modules"}),
    ("two stars glued to a name", "**foo", {"foo", "xfoo", "a/xfoo"}, {"foox"}),
    ("question mark", "a?c", {"abc"}, {"ac", "a/c"}),
    ("class", "[a-c].txt", {"a.txt"}, {"d.txt"}),
    ("negated class", "[^a-c].txt", {"d.txt"}, {"a.txt"}),
    ("escape", r"\*.txt", {"*.txt"}, {"a.txt"}),
    ("dots are no wildcards", "a.b", {"a.b"}, {"axb"}),
    ("exception", "*\n!keep", {"a", "b/c"}, {"keep", "keep/x"}),
    ("the last one wins", "!a\na", {"a"}, set()),
    ("an exception below a directory", "dir\n!dir/keep", {"dir", "dir/a"}, {"dir/keep", "dir/keep/x"}),
    ("and back again", "dir\n!dir/keep\ndir/keep/not", {"dir/keep/not"}, {"dir/keep/yes"}),
    ("dot segments are cleaned", "./x/../a", {"a"}, {"x/a"}),
    ("out of the root", "../a", set(), {"a"}),
    ("comments and blank lines", "# a\n\n  b  \n", {"b"}, {"a", "# a"}),
    ("a hash inside", " #a", {"#a"}, {"a"}),
    ("a byte order mark", "\ufeffa", {"a"}, set()),
    ("a bang apart from its pattern", "*\n! a", {"b"}, {"a"}),
    ("bytes that are no UTF-8", "\udcff*", {"\udcffx"}, {"x"}),
    ("carriage returns", "a\r\nb\r\n", {"a", "b"}, set()),
]


@pytest.mark.parametrize(("text", "ignored", "kept"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_patterns(text: str, ignored: set[str], kept: set[str]) -> None:
    rules = Ignore.parse(text)
    assert {path for path in ignored | kept if rules.ignores(path)} == ignored


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ok\n[a", "cannot read `.dockerignore:2`: `[a` is no pattern: its `[` is never closed"),
        ("a\\", "cannot read `.dockerignore:1`: `a\\` is no pattern: it ends with a backslash"),
        ("!", "cannot read `.dockerignore:1`: `!` is no pattern: `!` stands alone"),
        ("[]a]", "cannot read `.dockerignore:1`: `[]a]` is no pattern: `]` stands at a wrong place in `[…]`"),
    ],
)
def test_bad_patterns_name_their_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Ignore.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "directory", "enters"),
    [
        ("dir\n!dir/keep", "dir", True),
        ("dir\n!dir/keep", "other", False),
        ("*\n!**/*.go", "any", True),
        ("*\n!a/*/c", "a", True),
        ("*\n!a/*/c", "a/b", True),
        ("*\n!a/*/c", "b", False),
        ("!dir/keep\ndir", "dir", False),
    ],
)
def test_descends_only_where_an_exception_can_match(text: str, directory: str, enters: bool) -> None:
    rules = Ignore.parse(text)
    number = rules.deciding(directory)
    assert rules.may_keep_below(directory, number) is enters
