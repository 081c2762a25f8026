"""Fixes in a text: what is made together, what is left, and that twice is the same as once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Edit, Source, Span
from lissom.dockerfile.syntax import Dockerfile
from lissom.errors import DockerfileError
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixing import fix
from lissom.lint.rule import Category, Finding, Rule, Severity

Finder = Callable[[Dockerfile, Mapping[str, str]], Iterator[Finding]]
ALL = tuple(Safety)


def rule(code: str) -> Rule:
    return Rule(code, code, Category.SIZE, Severity.WARNING, lambda _subject: (), "")


def replacing(
    pattern: str, replacement: str, *, code: str = "", safety: Safety = Safety.SAFE, files: dict[str, str] | None = None
) -> Finder:
    """A rule that finds a pattern and has something else in its place."""

    def find(dockerfile: Dockerfile, beside: Mapping[str, str]) -> Iterator[Finding]:
        for match in re.finditer(pattern, dockerfile.source.text):
            span = Span(*match.span())
            edit = Edit(span, match.expand(replacement))
            mend = Fix("mend", (edit,), safety, Equivalence.E0, "it is a test", files=files or {})
            yield Finding(rule(code or pattern), span, "found", Severity.WARNING, mend)

    return find


def together(*finders: Finder) -> Finder:
    return lambda dockerfile, beside: (one for finder in finders for one in finder(dockerfile, beside))


def test_all_fixes_are_made_in_one_round_and_keep_what_is_around_them():
    source = Source("Dockerfile", "# top\nFROM a\nRUN one # kept\r\n\n  RUN one\n")
    done = fix(source, replacing("one", "two"))
    assert done.draft.text == "# top\nFROM a\nRUN two # kept\r\n\n  RUN two\n"
    assert [(one.line, one.lines) for one in done.made] == [
        (3, (("RUN one # kept\r",), ("RUN two # kept\r",))),
        (5, (("  RUN one",), ("  RUN two",))),
    ]
    assert done.left == ()
    assert done.found == ()


def test_what_an_edit_brings_about_is_mended_in_the_next_round_and_has_its_line_in_the_original():
    source = Source("Dockerfile", "FROM a\nRUN one\nRUN x\n")
    done = fix(
        source, together(replacing("RUN one", "RUN 1 \\\\\n && tow"), replacing("x", "y"), replacing("tow", "m"))
    )
    assert done.draft.text == "FROM a\nRUN 1 \\\n && m\nRUN y\n"
    assert [(one.finding.rule.code, one.line) for one in done.made] == [("RUN one", 2), ("x", 3), ("tow", 2)]
    assert [len(round_) for round_ in done.rounds] == [2, 1]


def test_prefixes_are_the_drafts_on_the_way():
    source = Source("Dockerfile", "FROM a\nRUN a1\nRUN b1\n")
    done = fix(source, together(replacing("a1", "a2"), replacing("b1", "b2"), replacing("a2", "a3")))
    texts = [done.prefix(count).text for count in range(4)]
    assert texts[0] == source.text
    assert texts[1:] == ["FROM a\nRUN a2\nRUN b1\n", "FROM a\nRUN a2\nRUN b2\n", "FROM a\nRUN a3\nRUN b2\n"]
    assert done.prefix(3) == done.draft


@pytest.mark.parametrize("order", [0, 1], ids=["longer-first", "shorter-first"])
def test_of_two_that_overlap_one_waits_for_the_next_round(order):
    finders = [replacing("abc", "axc"), replacing("bcd", "byd")]
    done = fix(Source("Dockerfile", "FROM i\nRUN abcd\n"), together(*(finders[order:] + finders[:order])))
    assert done.draft.text == "FROM i\nRUN axcd\n"
    assert len(done.made) == 1


def test_two_insertions_at_one_place_are_not_made_at_once():
    find = together(replacing("(?m)(?<=one)$", " 2"), replacing("(?m)(?<=one)$", " 3", code="other"))
    done = fix(Source("Dockerfile", "FROM a\nRUN one\n"), find)
    assert done.draft.text == "FROM a\nRUN one 2\n"


def test_only_allowed_safeties_are_made_and_the_others_told():
    find = together(
        replacing("one", "1"),
        replacing("two", "2", safety=Safety.PROVABLE),
        replacing("three", "3", safety=Safety.UNSAFE),
    )
    source = Source("Dockerfile", "FROM a\nRUN one two three\n")
    done = fix(source, find)
    assert done.draft.text == "FROM a\nRUN 1 two three\n"
    assert [(one.finding.rule.code, one.line, "--verify" in one.reason) for one in done.left] == [
        ("two", 2, True),
        ("three", 2, True),
    ]
    assert fix(source, find, allowed=ALL).draft.text == "FROM a\nRUN 1 2 3\n"


def test_what_is_not_wanted_is_left():
    find = together(replacing("one", "1"), replacing("two", "2"))
    source = Source("Dockerfile", "FROM a\nRUN one two\n")
    done = fix(source, find, wanted=lambda finding, place: (finding.rule.code, place) != ("one", 11))
    assert done.draft.text == "FROM a\nRUN one 2\n"


def test_a_fix_that_leaves_its_finding_is_not_made_at_all():
    source = Source("Dockerfile", "FROM a\nRUN one\nRUN two\n")
    done = fix(source, together(replacing("(?m)(?<=one)", " x"), replacing("two", "2")))
    assert done.draft.text == "FROM a\nRUN one\nRUN 2\n"
    assert [(one.line, one.reason) for one in done.left] == [(2, "it is still found after its fix")]


def test_fixes_that_undo_each_other_come_to_an_end():
    source = Source("Dockerfile", "FROM a\nRUN one\nRUN three\n")
    find = together(replacing("one", "two"), replacing("two", "one"), replacing("three", "3"))
    done = fix(source, find)
    assert done.draft.text in ("FROM a\nRUN one\nRUN 3\n", "FROM a\nRUN two\nRUN 3\n")
    assert fix(Source("Dockerfile", done.draft.text), find).draft.text == done.draft.text


def test_a_fix_that_never_settles_is_dropped():
    source = Source("Dockerfile", "FROM a\nRUN 1\nRUN two\n")

    def find(dockerfile: Dockerfile, beside: Mapping[str, str]) -> Iterator[Finding]:
        match = re.search(r"RUN (\d+)", dockerfile.source.text)
        assert match is not None
        edit = Edit(Span(*match.span(1)), str(int(match[1]) + 1))
        mend = Fix("count", (edit,), Safety.SAFE, Equivalence.E0, "")
        yield Finding(rule("count"), edit.span, "", Severity.INFO, mend)
        yield from replacing("two", "2")(dockerfile, beside)

    done = fix(source, find)
    assert done.draft.text == "FROM a\nRUN 1\nRUN 2\n"
    assert [one.finding.rule.code for one in done.left] == ["count"]


def test_a_fix_that_grows_without_end_is_dropped():
    source = Source("Dockerfile", "FROM a\nRUN x\n")
    done = fix(source, replacing("x+", "x" * (1 << 20)))
    assert done.draft.text == source.text
    assert len(done.left) == 1


@pytest.mark.parametrize(
    ("replacement", "reason"),
    [("BOGUS two", "cannot be parsed"), ("RUN one", "changes nothing")],
    ids=["unparsable", "idle"],
)
def test_a_fix_that_cannot_be_made_is_told_and_the_others_are_made(replacement, reason):
    source = Source("Dockerfile", "FROM a\nRUN three\nRUN one\nRUN four\n")
    done = fix(source, together(replacing("RUN one", replacement), replacing("three", "3"), replacing("four", "4")))
    assert done.draft.text == "FROM a\nRUN 3\nRUN one\nRUN 4\n"
    assert [one.line for one in done.left] == [3]
    assert reason in done.left[0].reason


def test_edits_of_one_fix_that_overlap_are_refused():
    def find(dockerfile: Dockerfile, _beside: Mapping[str, str]) -> Iterator[Finding]:
        edits = (Edit(Span(8, 11), "x"), Edit(Span(10, 14), "y"))
        yield Finding(rule("odd"), Span(8, 11), "", Severity.INFO, Fix("odd", edits, Safety.SAFE, Equivalence.E0, ""))

    done = fix(Source("Dockerfile", "FROM a\nRUN one\n"), find)
    assert done.draft.text == "FROM a\nRUN one\n"
    assert [one.reason for one in done.left] == ["its edits overlap"]


def test_files_beside_are_made_once():
    def find(dockerfile: Dockerfile, beside: Mapping[str, str]) -> Iterator[Finding]:
        if ".dockerignore" not in beside:
            mend = Fix("ignore", (), Safety.SAFE, Equivalence.E0, "", files={".dockerignore": ".git\n"})
            yield Finding(rule("ignore"), Span(0, 4), "", Severity.INFO, mend)

    done = fix(Source("Dockerfile", "FROM a\n"), find)
    assert done.draft.files == {".dockerignore": ".git\n"}
    assert done.draft.text == "FROM a\n"
    assert [one.lines for one in done.made] == [((), ())]


def test_a_barred_fix_is_left_for_the_reason_given_and_another_takes_its_place():
    source = Source("Dockerfile", "FROM a\nRUN abcd\n")
    find = together(replacing("abc", "axc"), replacing("bcd", "byd"))
    first = fix(source, find)
    done = fix(source, find, barred={first.made[0].key: "it does not hold"})
    assert done.draft.text == "FROM a\nRUN abyd\n"
    assert done.left == ()
    done = fix(source, replacing("abc", "axc"), barred={first.made[0].key: "it does not hold"})
    assert [one.reason for one in done.left] == ["it does not hold"]


def test_the_same_edit_at_two_places_has_two_keys():
    done = fix(Source("Dockerfile", "FROM a\nRUN one\nRUN one\n"), replacing("one", "1"))
    assert len({one.key for one in done.made}) == 2


def test_keys_are_those_of_the_original_whatever_else_is_made():
    source = Source("Dockerfile", "FROM a\nRUN one\nRUN three\n")
    both = fix(source, together(replacing("one", "eleven"), replacing("three", "3")))
    alone = fix(source, replacing("three", "3"))
    late = fix(source, together(replacing("one", "eleven"), replacing("(?<=eleven\nRUN )three", "3", code="three")))
    assert both.made[1].key == alone.made[0].key == late.made[1].key


def test_what_cannot_be_parsed_is_not_fixed():
    with pytest.raises(DockerfileError):
        fix(Source("Dockerfile", "FORM a\n"), replacing("FORM", "FROM"))


def test_thousands_of_fixes_take_a_moment():
    source = Source("Dockerfile", "FROM a\n" + "RUN one\n" * 3000)
    done = fix(source, replacing("one", "two"))
    assert len(done.made) == 3000
    assert done.prefix(1500).text.count("two") == 1500


WORDS = st.sampled_from(["a", "b", "ab", "ba", "aab", "c", "bc"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=6),
    st.lists(st.tuples(WORDS, st.sampled_from(["", "c", "a", "bb", "ab"])), max_size=4),
)
def test_fixing_twice_changes_nothing_more(words, pairs):
    text = "FROM i\n" + "".join(f"RUN x {word} y\n" for word in words)
    find = together(*(replacing(f"(?<=x ){old}", new, code=f"{old}-{new}") for old, new in pairs))
    once = fix(Source("Dockerfile", text), find)
    parse(once.draft.text)
    again = fix(Source("Dockerfile", once.draft.text), find)
    assert again.draft.text == once.draft.text
