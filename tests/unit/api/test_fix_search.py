"""Which fixes hold, found by halves; what each of them saves, found by few builds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from lissom.api.fix_measure import savings
from lissom.api.fix_search import search
from lissom.dockerfile.source import Edit, Source, Span
from lissom.dockerfile.syntax import Dockerfile
from lissom.errors import VerifyError
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixed import Fixed
from lissom.lint.fixing import fix
from lissom.lint.proof import Saving
from lissom.lint.rule import Category, Finding, Rule, Severity

RULE = Rule("a", "a", Category.SIZE, Severity.INFO, lambda _subject: (), "")


def words(dockerfile: Dockerfile, _beside: Mapping[str, str]) -> Iterator[Finding]:
    """A fix for each word of small letters: it is written in capitals."""
    for match in re.finditer(r"\b[a-z]+\b", dockerfile.source.text):
        edit = Edit(Span(*match.span()), match[0].upper())
        mend = Fix(match[0], (edit,), Safety.SAFE, Equivalence.E0, "")
        yield Finding(RULE, edit.span, match[0], Severity.INFO, mend)


class World:
    """Counts the checks, and knows which words must not be in capitals."""

    def __init__(self, text: str, bad: str) -> None:
        self.source = Source("Dockerfile", text)
        self.bad = bad.split()
        self.checks = 0

    def make(self, barred: Mapping[str, str]) -> Fixed:
        return fix(self.source, words, barred=barred)

    def check(self, fixed: Fixed, count: int) -> str | None:
        self.checks += 1
        text = fixed.prefix(count).text
        return next((f"{word} is bad" for word in self.bad if word in text.split()), None)

    def __call__(self):
        return search(self.make, self.check)


def test_all_that_holds_is_checked_once():
    world = World("FROM A\nRUN b c d e\n", "")
    found = world()
    assert found.fixed.draft.text == "FROM A\nRUN B C D E\n"
    assert (found.dropped, world.checks) == ((), 1)


def test_nothing_to_make_is_not_checked():
    world = World("FROM A\n", "")
    assert world().fixed.made == ()
    assert world.checks == 0


@pytest.mark.parametrize(
    ("bad", "text"),
    [("B", "b C D E F G H I"), ("E", "B C D e F G H I"), ("I C", "B c D E F G H i"), ("B C D E F G H I", "b c d e f g h i")],
    ids=["first", "middle", "two", "all"],
)  # fmt: skip
def test_what_does_not_hold_is_left_out_with_its_reason(bad, text):
    world = World("FROM A\nRUN b c d e f g h i\n", bad)
    found = world()
    assert found.fixed.draft.text == f"FROM A\nRUN {text}\n"
    assert sorted(one.reason for one in found.dropped) == sorted(f"{word} is bad" for word in bad.split())
    assert {one.line for one in found.dropped} == {2}
    assert world.checks <= 4 * len(bad.split()) + 1


def test_two_that_hold_alone_but_not_together_lose_the_later_one():
    world = World("FROM A\nRUN b c d e\n", "")
    world.check = lambda fixed, count: "both" if {"C", "E"} <= set(fixed.prefix(count).text.split()) else None
    found = world()
    assert found.fixed.draft.text == "FROM A\nRUN B C D e\n"


def test_a_search_that_leads_nowhere_ends():
    source = Source("Dockerfile", "FROM A\nRUN b\n")
    seen = []

    def make(barred: Mapping[str, str]) -> Fixed:
        def others(dockerfile: Dockerfile, beside: Mapping[str, str]) -> Iterator[Finding]:
            if dockerfile.source.text == source.text:
                edit = Edit(Span(11, 12), f"N{len(barred)}")
                yield Finding(RULE, edit.span, "", Severity.INFO, Fix("", (edit,), Safety.SAFE, Equivalence.E0, ""))

        seen.append(len(barred))
        return fix(source, others, barred=barred)

    with pytest.raises(VerifyError, match="others took their place"):
        search(make, lambda fixed, count: "no")
    assert len(seen) == 100


def measure(sizes: list[int | None], *, builds: int = 8):
    asked = []

    def size(count: int) -> int | None:
        asked.append(count)
        return sizes[count]

    return savings(len(sizes) - 1, size, builds=builds), len(asked) - 2


def test_each_fix_is_told_alone_when_there_are_builds_enough():
    found, more = measure([100, 90, 90, 40, 41])
    assert found == (Saving(1, 1, 10), Saving(2, 2, 0), Saving(3, 3, 50), Saving(4, 4, -1))
    assert more == 3


def test_what_weighs_the_same_at_both_ends_is_not_looked_into():
    found, more = measure([100, 100, 100, 100, 50])
    assert (found, more) == ((Saving(1, 2, 0), Saving(3, 3, 0), Saving(4, 4, 50)), 2)


def test_builds_go_where_most_is_saved_and_the_rest_stays_together():
    found, more = measure([100, 99, 98, 97, 96, 50, 40, 30, 20], builds=2)
    assert more == 2
    assert sum(one.size for one in found) == 80
    assert [(one.first, one.last) for one in found] == [(1, 4), (5, 6), (7, 8)]


def test_an_image_that_cannot_be_built_leaves_its_fixes_together():
    assert measure([100, None, 50])[0] == (Saving(1, 2, 50),)


@pytest.mark.parametrize("count", [0, 1], ids=["none", "one"])
def test_no_build_is_made_for_none_or_one(count):
    found, more = measure([9, 5][: count + 1])
    assert len(found) == count
    assert more <= 0
