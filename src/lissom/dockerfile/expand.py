"""Variables and quotes in the words of a Dockerfile, as BuildKit's shell lexer treats them.

Forms: ``$x ${x} ${x:-w} ${x-w} ${x:+w} ${x+w} ${x:?w} ${x?w} ${x#p} ${x##p} ${x%p} ${x%%p} ${x/p/r} ${x//p/r}``, and
``$@ $* $# $? $- $$ $! $0 $1 ...``, which are names like any other. In a pattern ``*`` and ``?`` are wild.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lissom.dockerfile.pattern import remove_prefix, remove_suffix, replace

__all__ = ["SPACE", "ExpandError", "Expansion", "expand", "expand_words", "process"]

_Lookup = Callable[[str], str | None]

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_SPACES = frozenset(SPACE)
_BLANKS = re.compile(f"[{re.escape(SPACE)}]+")
_SPECIAL = frozenset("@*#?-$!0")
_DEEPEST = 50  # nested ${x:-${y:-...}}
_LARGEST = 1 << 20  # characters that variables may bring into one word: ENV A=$A$A doubles with every line


class ExpandError(ValueError):
    """A word cannot be expanded; ``position`` is the character of the word at which the fault begins."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word with its variables replaced and its quotes gone; ``words`` is it split at spaces outside quotes.

    ``found`` and ``missing`` are the names that were looked up.
    """

    text: str
    words: tuple[str, ...]
    found: frozenset[str]
    missing: frozenset[str]


def expand(word: str, lookup: _Lookup, *, escape: str = "\\", quotes: bool = True) -> str:
    """``word`` with variables replaced; ExpandError if it is malformed or a ``${x:?}`` fails.

    ``quotes=False`` leaves quotes alone: what the body of a COPY heredoc needs (with the escape ``\\``).
    """
    return process(word, lookup, escape=escape, quotes=quotes).text


def expand_words(word: str, lookup: _Lookup, *, escape: str = "\\") -> list[str]:
    """Like ``expand``, then split at spaces that are not quoted; spaces from a variable split too."""
    return list(process(word, lookup, escape=escape).words)


def process(
    word: str,
    lookup: _Lookup,
    *,
    escape: str = "\\",
    quotes: bool = True,
    raw_quotes: bool = False,
    raw_escapes: bool = False,
    keep_unset: bool = False,
) -> Expansion:
    """Expand a word and report which names it used.

    ``raw_quotes`` and ``raw_escapes`` honour quotes and escapes but leave them in the result; ``keep_unset`` leaves
    variables that ``lookup`` does not know as they are written.
    """
    if not any(char in word for char in ("$", "'", '"', escape)):
        return Expansion(word, tuple(part for part in _split(word) if part), frozenset(), frozenset())
    expander = _Expander(word, lookup, escape=escape, quotes=quotes, raw_quotes=raw_quotes, keep_unset=keep_unset)
    text, words = expander.until("", raw_escapes=raw_escapes)
    return Expansion(text, tuple(words), frozenset(expander.found), frozenset(expander.missing))


def _split(word: str) -> list[str]:
    return "".join(" " if char in _SPACES else char for char in word).split(" ")


class _Words:
    """Words being collected; a quoted or escaped character never splits."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.parts: list[str] = []

    def add(self, text: str) -> None:
        first, *rest = _BLANKS.split(text)
        self.parts.append(first)
        for part in rest:
            self.finish()
            self.parts.append(part)

    def add_raw(self, text: str) -> None:
        self.parts.append(text)

    def finish(self) -> list[str]:
        word = "".join(self.parts)
        self.parts.clear()
        if word:
            self.done.append(word)
        return self.done


class _Expander:
    def __init__(
        self, word: str, lookup: _Lookup, *, escape: str, quotes: bool, raw_quotes: bool, keep_unset: bool
    ) -> None:
        self.word = word
        self.at = 0
        self.lookup = lookup
        self.escape = escape
        self.quotes = quotes
        self.raw_quotes = raw_quotes
        self.keep_unset = keep_unset
        self.raw_escapes = False
        self.depth = 0
        self.brought = 0
        self.found: set[str] = set()
        self.missing: set[str] = set()

    def peek(self) -> str:
        return self.word[self.at : self.at + 1]

    def next(self) -> str:
        char = self.word[self.at : self.at + 1]
        self.at += 1 if char else 0
        return char

    def until(self, stop: str, *, raw_escapes: bool) -> tuple[str, list[str]]:
        """Everything up to the character ``stop`` ("": to the end), which is consumed."""
        outer, self.raw_escapes = self.raw_escapes, raw_escapes
        self.depth += 1
        start = self.at
        if self.depth > _DEEPEST:
            raise ExpandError("variables are nested too deeply", start)
        out: list[str] = []
        words = _Words()
        while char := self.peek():
            if char == stop:
                self.next()
                break
            self._one(char, out, words)
        else:
            if stop:
                raise ExpandError(f"`{stop}` is missing", start)
        self.raw_escapes = outer
        self.depth -= 1
        return "".join(out), words.finish()

    def _one(self, char: str, out: list[str], words: _Words) -> None:
        if char == "$":
            value = self._dollar()
            words.add(value)
        elif self.quotes and char == "'":
            value = self._single_quoted()
            words.add_raw(value)
        elif self.quotes and char == '"':
            value = self._double_quoted()
            words.add_raw(value)
        elif char == self.escape:
            self.next()
            value = (char if self.raw_escapes else "") + self.next()
            words.add_raw(value)
        else:
            value = self.next()
            words.add(value)
        out.append(value)

    def _single_quoted(self) -> str:
        start = self.at
        end = self.word.find("'", start + 1)
        if end < 0:
            raise ExpandError("the closing `'` is missing", start)
        self.at = end + 1
        return self.word[start : end + 1] if self.raw_quotes else self.word[start + 1 : end]

    def _double_quoted(self) -> str:
        start = self.at
        quote = self.next()
        out = [quote] if self.raw_quotes else []
        while char := self.peek():
            if char == '"':
                self.next()
                return "".join(out) + (quote if self.raw_quotes else "")
            if char == "$":
                out.append(self._dollar())
                continue
            self.next()
            if char == self.escape:
                if self.raw_escapes:
                    out.append(char)
                following = self.peek()
                if following in ('"', "$", self.escape):
                    char = self.next() or char
                if not following:
                    break
            out.append(char)
        raise ExpandError('the closing `"` is missing', start)

    def _get(self, name: str) -> str | None:
        value = self.lookup(name)
        self._bring(len(value or ""))
        (self.missing if value is None else self.found).add(name)
        return value

    def _bring(self, count: int) -> None:
        self.brought += count
        if self.brought > _LARGEST:
            raise ExpandError(f"variables make it longer than {_LARGEST} characters", self.at)

    def _name(self) -> str:
        start = self.at
        first = self.peek()
        if first.isdecimal():
            while self.peek().isdecimal():
                self.next()
        elif first in _SPECIAL:
            self.next()
        else:
            while (char := self.peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
                self.next()
        return self.word[start : self.at]

    def _dollar(self) -> str:
        start = self.at
        self.next()
        if self.peek() == "{":
            self.next()
            return self._braced(start)
        name = self._name()
        if not name:
            return "$"
        value = self._get(name)
        if value is None:
            return self.word[start : self.at] if self.keep_unset else ""
        return value

    def _braced(self, start: int) -> str:
        if not self.peek():
            raise ExpandError("`}` is missing", start)
        if self.peek() in "{}:":
            raise ExpandError("bad substitution: the name of the variable is missing", start)
        name = self._name()
        mark = self.next()
        if mark == "}":
            value = self._get(name)
            return self._unset(f"${{{name}}}") if value is None else value
        if mark == "/":
            return self._replaced(name, start)
        colon = mark == ":"
        if colon:
            mark = self.next()
        shown = ":" + mark if colon else mark
        if not mark:
            raise ExpandError("`}` is missing", start)
        if mark not in "+-?#%":
            raise ExpandError(f"`{shown}` is no modifier that `${{{name}...}}` can have", start)
        text = self._argument("}", start, raw_escapes=mark in "#%")
        value = self._get(name)
        if value is None and self.keep_unset:
            return f"${{{name}{shown}{text}}}"
        return self._modified(name, mark, text, value, colon=colon, start=start)

    def _unset(self, written: str) -> str:
        return written if self.keep_unset else ""

    def _argument(self, stop: str, start: int, *, raw_escapes: bool) -> str:
        try:
            return self.until(stop, raw_escapes=raw_escapes)[0]
        except ExpandError as error:
            if error.message == f"`{stop}` is missing":
                raise ExpandError(error.message, start) from None
            raise

    def _modified(self, name: str, mark: str, text: str, value: str | None, *, colon: bool, start: int) -> str:
        unset = value is None or (colon and value == "")
        given = value or ""
        if mark == "-":
            return text if unset else given
        if mark == "+":
            return "" if unset else text
        if mark == "?":
            if unset:
                what = "unset" if value is None else "empty"
                raise ExpandError(f"{name}: {text or f'is not allowed to be {what}'}", start)
            return given
        greedy = text.startswith(mark)
        pattern = text[1:] if greedy else text
        try:
            return (remove_prefix if mark == "#" else remove_suffix)(given, pattern, greedy=greedy)
        except ValueError as error:
            raise ExpandError(str(error), start) from error

    def _replaced(self, name: str, start: int) -> str:
        every = self.peek() == "/"
        if every:
            self.next()
        pattern = self._argument("/", start, raw_escapes=True)
        replacement = self._argument("}", start, raw_escapes=True)
        value = self._get(name)
        if value is None and self.keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        if every:
            self._bring(len(replacement) * (len(value or "") + 1))
        try:
            return replace(value or "", pattern, replacement, every=every)
        except ValueError as error:
            raise ExpandError(str(error), start) from error
