"""Places, excerpts and edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lissom.dockerfile.source import Edit, Source, Span


def test_places_count_from_one() -> None:
    source = Source("f", "ab\ncd\n")
    assert [source.line_col(at) for at in range(7)] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1)]


def test_a_byte_order_mark_has_no_column() -> None:
    source = Source("f", "\ufeffab")
    assert [source.line_col(at) for at in range(3)] == [(1, 1), (1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("text", "span", "wanted"),
    [
        ("a bc d", Span(2, 4), " 1 | a bc d\n   |   ^^"),
        ("a\nbc\r\nd", Span(2, 6), " 2 | bc\n   | ^^"),
        ("阶段 x", Span(3, 4), " 1 | 阶段 x\n   |      ^"),
        ("阶段", Span(0, 2), " 1 | 阶段\n   | ^^^^"),
        ("\tx", Span(1, 2), " 1 |  x\n   |  ^"),
        ("x", Span(1, 1), " 1 | x\n   |  ^"),
        ("\n" * 9 + "x", Span(9, 10), " 10 | x\n    | ^"),
        ("a\x1bb", Span(2, 3), " 1 | a\ufffdb\n   |   ^"),
    ],
)
def test_excerpts(text: str, span: Span, wanted: str) -> None:
    assert Source("f", text).excerpt(span) == wanted


def test_spans_narrow_to_a_word() -> None:
    source = Source("f", "ENV A=$B ${\nENV A=x")
    assert source.cut(source.narrow(Span(0, 11), "$B")) == "$B"
    assert source.cut(source.narrow(Span(0, 11), "$B ${", 3)) == "${"
    assert source.narrow(Span(0, 11), "x") == Span(0, 11)
    assert source.narrow(Span(0, 11), "") == Span(0, 11)


def test_edits_are_made_together() -> None:
    source = Source("f", "one two three")
    edits = [Edit(Span(8, 13), "3"), Edit(Span(0, 3), "1"), Edit(Span(4, 4), "and ")]
    assert source.apply(edits) == "1 and two 3"


@pytest.mark.parametrize(
    "edits", [[Edit(Span(0, 2), ""), Edit(Span(1, 3), "")], [Edit(Span(0, 9), "")], [Edit(Span(2, 1), "")]]
)
def test_edits_that_cannot_be(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps"):
        Source("f", "abc").apply(edits)


@given(st.text(), st.text())
def test_replacing_all(text: str, new: str) -> None:
    assert Source("f", text).apply([]) == text
    assert Source("f", text).apply([Edit(Span(0, len(text)), new)]) == new
