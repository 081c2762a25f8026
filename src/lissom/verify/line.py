"""One line of words as a flag holds it, read with the place of every word, so that errors can point at it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from lissom.errors import UsageError

__all__ = ["Line", "Word"]

_EXAMPLES = {
    "--http": "write it like this: --http 'GET /path -> 200', --http 'POST /notes text=hello -> 302'",
    "--exec": "write it like this: --exec 'app --version'",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes, and where it stands; ``quoted``: it begins with a quote."""

    text: str
    start: int
    end: int
    quoted: bool


class Line:
    """The words of one flag, taken one after another; errors point at the one that is wrong."""

    def __init__(self, flag: str, text: str) -> None:
        self.flag = flag
        self.text = text
        self._words = self._split()
        self._at = 0

    @property
    def all(self) -> tuple[str, ...]:
        """The words as texts."""
        return tuple(word.text for word in self._words)

    def more(self) -> bool:
        """Whether a word is left."""
        return self._at < len(self._words)

    def peek(self) -> Word | None:
        """The next word, which stays."""
        return self._words[self._at] if self.more() else None

    def take(self, what: str) -> Word:
        """The next word; ``what`` is missing when there is none. Raises UsageError."""
        if not self.more():
            self.fail(len(self.text), len(self.text) + 1, f"{what} is missing")
        self._at += 1
        return self._words[self._at - 1]

    def unquoted_json(self, first: Word) -> str:
        """The document that begins with the word ``first``, as it stands there: quotes and spaces are its own."""
        try:
            _, end = json.JSONDecoder().raw_decode(self.text, first.start)
        except (ValueError, RecursionError):
            return self.text[first.start : first.end]
        while (word := self.peek()) and word.start < end:
            self._at += 1
        return self.text[first.start : end]

    def fail(self, start: int, end: int, cause: str) -> NoReturn:
        """Raise UsageError with carets below the characters from ``start`` to ``end``."""
        shown = self.text.replace("\n", " ")
        mark = " " * (len(self.flag) + 3 + start) + "^" * max(end - start, 1)
        raise UsageError(
            f"cannot use {self.flag}: {cause}\n  {self.flag} {shown}\n{mark}", hint=_EXAMPLES.get(self.flag)
        )

    def wrong(self, word: Word, cause: str) -> NoReturn:
        """Raise UsageError with carets below ``word``."""
        self.fail(word.start, word.end, cause)

    def _split(self) -> list[Word]:
        words: list[Word] = []
        at, size = 0, len(self.text)
        while at < size:
            if self.text[at].isspace():
                at += 1
                continue
            word = self._word(at)
            words.append(word)
            at = word.end
        return words

    def _word(self, start: int) -> Word:
        at, parts, quoted = start, [], False
        while at < len(self.text) and not self.text[at].isspace():
            mark = self.text[at]
            if mark in "'\"":
                quoted = quoted or at == start
                end = self._closing(at, mark)
                inner = self.text[at + 1 : end]
                parts.append(inner if mark == "'" else re.sub(r'\\(["\\])', r"\1", inner))
                at = end + 1
            elif mark == "\\" and at + 1 < len(self.text) and self.text[at + 1] in " '\"\\":
                parts.append(self.text[at + 1])
                at += 2
            else:
                parts.append(mark)
                at += 1
        return Word("".join(parts), start, at, quoted)

    def _closing(self, start: int, mark: str) -> int:
        at = start + 1
        while at < len(self.text) and self.text[at] != mark:
            at += 2 if mark == '"' and self.text[at] == "\\" else 1
        if at >= len(self.text):
            self.fail(start, start + 1, "the quote is never closed")
        return at
