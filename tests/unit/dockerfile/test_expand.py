"""Variables and quotes, by a table and by properties."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lissom.dockerfile.expand import ExpandError, expand, expand_words, process

TABLE = Path(__file__).parents[2] / "data" / "expand.txt"
VARIABLES = {
    "NAME": "value",
    "EMPTY": "",
    "PATH_": "/usr/local/bin:/bin",
    "FILE": "archive.tar.gz",
    "TWO": "a b",
    "ÄÖ": "umlaut",
    "STAR": "a*b",
    "1": "one",
}


def rows() -> list[tuple[str, str, str]]:
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# "):
            continue
        word, _, wanted = line.partition("=> ")
        escape = "`" if word.endswith(" `") else "\\"
        found.append((word.removesuffix(" `").removesuffix(" "), escape, wanted))
    return found


@pytest.mark.parametrize(("word", "escape", "wanted"), rows())
def test_table(word: str, escape: str, wanted: str) -> None:
    try:
        got = expand(word, VARIABLES.get, escape=escape)
    except ExpandError as error:
        got = f"error {error.position}: {error.message}"
    assert got == wanted


def test_the_table_is_long() -> None:
    assert len(rows()) > 140


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("a b", ["a", "b"]),
        ("  a\t b ", ["a", "b"]),
        ("'a b'", ["a b"]),
        ('"a b" c', ["a b", "c"]),
        ("a\\ b", ["a b"]),
        ("$TWO", ["a", "b"]),
        ('"$TWO"', ["a b"]),
        ("x${TWO}y", ["xa", "by"]),
        ("$EMPTY", []),
        ('""', []),
        ("", []),
        ("a'' ''b", ["a", "b"]),
        ("${NONE:-a b}", ["a", "b"]),
        ("a\u00a0b\u3000c", ["a", "b", "c"]),
    ],
)
def test_words(word: str, wanted: list[str]) -> None:
    assert expand_words(word, VARIABLES.get) == wanted


def test_names_are_reported() -> None:
    done = process("$NAME ${NONE:-$OTHER} '$QUOTED'", VARIABLES.get)
    assert done.found == {"NAME"}
    assert done.missing == {"NONE", "OTHER"}


@pytest.mark.parametrize("word", ["$NONE", "${NONE}", "${NONE:-x}", "${NONE#x}", "${NONE/a/b}"])
def test_unknown_variables_can_stay(word: str) -> None:
    assert process(word, VARIABLES.get, keep_unset=True).text == word


def test_bodies_of_heredocs_keep_quotes() -> None:
    assert expand("a '$NAME' \"$NAME\" \\$NAME it's", VARIABLES.get, quotes=False) == "a 'value' \"value\" $NAME it's"


def test_raw_quotes_and_escapes() -> None:
    done = process('\'a b\' "c\\"" \\d', VARIABLES.get, raw_quotes=True, raw_escapes=True)
    assert done.words == ("'a b'", '"c\\""', "\\d")


def test_depth_is_limited() -> None:
    with pytest.raises(ExpandError, match="nested too deeply"):
        expand("${x:-" * 5000, VARIABLES.get)


@given(st.text("abAE$\\{}:-+?#%/*'\"` NM_1", max_size=40), st.sampled_from("\\`"))
def test_only_expand_errors(word: str, escape: str) -> None:
    position = 0
    try:
        process(word, VARIABLES.get, escape=escape)
    except ExpandError as error:
        position = error.position
    assert 0 <= position <= len(word)


@given(st.text(max_size=40).filter(lambda text: not set(text) & set("$'\"\\")))
def test_plain_text_stays(word: str) -> None:
    assert expand(word, VARIABLES.get) == word


def test_a_word_that_doubles_with_every_line_ends_somewhere() -> None:
    value = "a"
    for _ in range(19):
        value = expand("$A$A", {"A": value}.get)
    assert len(value) == 1 << 19
    with pytest.raises(ExpandError, match="longer than"):
        expand("$A$A$A", {"A": value}.get)


def test_a_replacement_cannot_make_a_word_endless() -> None:
    long = {"A": "a" * 100_000, "B": "b" * 100_000}
    with pytest.raises(ExpandError, match="longer than"):
        expand("${A//a/$B}", long.get)
    assert expand("${A/a/$B}", long.get) == "b" * 100_000 + "a" * 99_999
