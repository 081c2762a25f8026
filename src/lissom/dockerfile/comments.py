"""Comments behind an instruction: the language has none, and what follows the ``#`` becomes arguments."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.dockerfile.fault import FaultError
from lissom.dockerfile.statement import Statement
from lissom.dockerfile.words import Word

__all__ = ["behind", "lone_hash", "warn_behind"]

_HINT = "a comment must stand on a line of its own: move it above this line"


def behind(statement: Statement, words: Sequence[Word]) -> FaultError | None:
    """The fault of a comment behind an instruction, if one of ``words`` begins with ``#``."""
    start = next((word for word in words if word.text.startswith("#")), None)
    if start is None:
        return None
    end = statement.line.text.rstrip()
    where = (start.start, start.start + 1)
    comment = end[start.start :]
    shown = comment if len(comment) <= 40 else comment[:39] + "\N{HORIZONTAL ELLIPSIS}"
    message = f"{statement.keyword} would take the comment `{shown}` as arguments"
    return statement.fault(where, message, hint=_HINT)


def lone_hash(words: Sequence[Word]) -> Sequence[Word]:
    """The words from the first on that is surely a comment's begin: ``#`` alone, or with something not ASCII."""
    for place, word in enumerate(words):
        text = word.text.lstrip("#")
        if text != word.text and (not text or not text.isascii()):
            return words[place:]
    return ()


def warn_behind(statement: Statement, words: Sequence[Word]) -> None:
    """Warn of a comment behind an instruction that docker accepts, with a meaning that nobody wants."""
    found = lone_hash(words)
    if found:
        message = f"{statement.keyword} takes this comment as part of its value; {_HINT}"
        span = statement.line.span_of(found[0].start, len(statement.line.text.rstrip()))
        statement.warn("TrailingComment", message, span)
