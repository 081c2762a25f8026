"""Comments behind instructions get lines of their own; nothing else is guessed."""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source
from lissom.lint.repair import repaired


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("FROM a AS b # one\nCOPY --from=b /x /y  # two\n", "# one\nFROM a AS b\n# two\nCOPY --from=b /x /y\n"),
        ("FROM a # one\r\nRUN x\r\n", "# one\r\nFROM a\r\nRUN x\r\n"),
        ("FROM a # one", "# one\nFROM a"),
        ("# top\n\nFROM a\n", "# top\n\nFROM a\n"),
    ],
    ids=["two", "crlf", "no-line-end", "sound"],
)
def test_comments_move_above_their_instructions(text, after):
    done = repaired(Source("Dockerfile", text))
    assert done is not None
    assert done.text == after
    parse(done.text)


@pytest.mark.parametrize(
    "text",
    ["FORM a\n", "FROM a # x\nBOGUS y\n", "", "RUN x\n", "FROM a # x \\\n  AS b\n"],
    ids=["misspelt", "other-fault-too", "empty", "no-from", "continued"],
)
def test_what_has_no_single_remedy_is_left(text):
    assert repaired(Source("Dockerfile", text)) is None
