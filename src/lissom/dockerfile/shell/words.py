"""One word of a shell script: where it ends, what it is without its quotes, what is substituted in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import Sequence, Word

__all__ = ["Read", "Unclear", "WordReader"]

_PLAIN = re.compile(
    r"[^\s|&;<>()$`\"'\\]+|[\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_ARRAY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]\s]*\])?\+?=")
_BRACES = re.compile(r"\{([^{}\s]*)\}")
_IN_DOUBLE = re.compile(r'[^"\\$`]+')
_DEEPEST = 40
_TILDE = re.compile(r"~|[A-Za-z_][A-Za-z0-9_]*\+?=([^:]*:)*~")


class Unclear(Exception):  # noqa: N818 - it says that nothing is known, not that something is wrong
    """The text is no shell script, or not one that is surely understood."""


@dataclass(frozen=True, slots=True)
class Read:
    """A word that was read, where it ends, and whether it is written without quotes, escapes and substitutions."""

    word: Word
    end: int
    plain: bool


@dataclass(slots=True)
class _Parts:
    """What is known of a word while it is read; ``bare`` is what stands outside quotes, a NUL for the rest."""

    value: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    inside: list[Sequence] = field(default_factory=list)
    known: bool = True

    def quoted(self, text: str) -> None:
        self.value.append(text)
        self.bare.append("\0")

    def unknown(self) -> None:
        self.known = False
        self.bare.append("\0")


class WordReader:
    """Reads words of ``placed`` up to ``end``. ``commands(start, end)`` reads the commands of a substitution from
    ``start`` up to the ``)`` that closes it (or to ``end`` exactly, when given) and tells where they end.
    """

    def __init__(self, placed: Placed, end: int, commands: Callable[[int, int | None], tuple[Sequence, int]]) -> None:
        self.placed = placed
        self.text = placed.text
        self.end = end
        self.commands = commands
        self.depth = 0

    def read(self, start: int) -> Read:
        """The word at ``start``; an empty one if none stands there. Unclear if its quotes do not close."""
        parts = _Parts()
        at = self._word(start, parts)
        written = self.text[start:at]
        for cut in reversed(parts.cuts):
            written = written[: cut - start] + written[cut - start + 2 :]
        bare = "".join(parts.bare)
        known = parts.known and not _TILDE.match(bare)
        glob = any(char in bare for char in "*?[") or any("," in one or ".." in one for one in _BRACES.findall(bare))
        value = "".join(parts.value) if known else None
        word = Word(written, value, self.placed.span_of(start, at), glob, tuple(parts.inside))
        return Read(word, at, "\0" not in bare)

    def _word(self, start: int, parts: _Parts) -> int:
        at = start
        while at < self.end:
            char = self.text[at]
            plain = _PLAIN.match(self.text, at, self.end)
            if plain:
                parts.value.append(plain[0])
                parts.bare.append(plain[0])
                at = plain.end()
            elif char == "\\":
                at = self._escape(at, parts)
            elif char == "'":
                at = self._single(at, parts)
            elif char == '"':
                at = self._double(at + 1, parts)
            elif char == "$":
                at = self._dollar(at, parts, quoted=False)
            elif char == "`":
                at = self._backquoted(at, parts)
            elif char == "(" and at > start and self.text[at - 1] in "?*+@!=":
                at = self._bracket(start, at, parts)
            elif char in "<>" and self.text.startswith("(", at + 1, self.end):
                at = self._substitution(at + 2, parts)
            else:
                break
        return at

    def _escape(self, at: int, parts: _Parts) -> int:
        if at + 1 >= self.end:
            raise Unclear
        if self.text[at + 1] == "\n":
            parts.cuts.append(at)
        else:
            parts.quoted(self.text[at + 1])
        return at + 2

    def _single(self, at: int, parts: _Parts) -> int:
        close = self.text.find("'", at + 1, self.end)
        if close < 0:
            raise Unclear
        parts.quoted(self.text[at + 1 : close])
        return close + 1

    def _double(self, at: int, parts: _Parts) -> int:
        """From behind the opening quote to behind the closing one."""
        parts.quoted("")
        while at < self.end:
            plain = _IN_DOUBLE.match(self.text, at, self.end)
            char = self.text[at]
            if plain:
                parts.quoted(plain[0])
                at = plain.end()
            elif char == '"':
                return at + 1
            elif char == "$":
                at = self._dollar(at, parts, quoted=True)
            elif char == "`":
                at = self._backquoted(at, parts)
            elif at + 1 < self.end and self.text[at + 1] == "\n":
                parts.cuts.append(at)
                at += 2
            else:
                following = self.text[at + 1 : min(at + 2, self.end)]
                parts.quoted(following if following in ("$", "`", '"', "\\") else char + following)
                at += 2
        raise Unclear

    def _dollar(self, at: int, parts: _Parts, *, quoted: bool) -> int:
        rest = self.text[at + 1 : min(at + 3, self.end)]
        name = _NAME.match(self.text, at + 1, self.end)
        opening = rest[:1] if rest[:1] in (("{", "(") if quoted else ("{", "(", "'", '"')) else ""
        if not name and not opening:
            parts.quoted("$")
            return at + 1
        parts.unknown()
        if name:
            return name.end()
        if opening == "{":
            return self._braced(at + 2, parts, quoted=quoted)
        if opening == "(":
            close = self.arithmetic(at + 3) if rest == "((" else None
            return self._substitution(at + 2, parts) if close is None else close
        return self._ansi(at + 2) if opening == "'" else at + 1

    def _ansi(self, at: int) -> int:
        while at < self.end and self.text[at] != "'":
            at += 2 if self.text[at] == "\\" else 1
        if at >= self.end:
            raise Unclear
        return at + 1

    def _braced(self, at: int, parts: _Parts, *, quoted: bool) -> int:
        """From behind ``${`` to behind its ``}``."""
        self._deeper()
        pattern = False
        while at < self.end:
            char = self.text[at]
            if char == "}":
                self.depth -= 1
                return at + 1
            if char == "\\":
                at += 2
            elif char == "'" and (pattern or not quoted):
                at = self._single(at, parts)
            elif char == '"':
                at = self._double(at + 1, parts)
            elif char == "$":
                at = self._dollar(at, parts, quoted=quoted)
            elif char == "`":
                at = self._backquoted(at, parts)
            else:
                pattern = pattern or char in "#%"
                at += 1
        raise Unclear

    def _substitution(self, at: int, parts: _Parts) -> int:
        parts.unknown()
        body, close = self.commands(at, None)
        parts.inside.append(body)
        return close + 1

    def _backquoted(self, at: int, parts: _Parts) -> int:
        parts.unknown()
        close = at + 1
        while close < self.end and self.text[close] != "`":
            close += 2 if self.text[close] == "\\" else 1
        if close >= self.end:
            raise Unclear
        if "\\" not in self.text[at:close]:  # else what the shell reads is not what is written here
            parts.inside.append(self.commands(at + 1, close)[0])
        return close + 1

    def arithmetic(self, at: int, *, loop: bool = False) -> int | None:
        """Behind the ``))`` that closes what began at ``at``; None if no such pair does. ``loop``: ``;`` is fine."""
        depth = 0
        while at < self.end:
            char = self.text[at]
            if char == "(":
                depth += 1
            elif char == ")" and depth:
                depth -= 1
            elif char == ")":
                return at + 2 if self.text.startswith("))", at, self.end) else None
            elif depth == 0 and char in ("\n'\"" if loop else ";\n'\""):
                return None
            at += 1
        return None

    def _bracket(self, start: int, at: int, parts: _Parts) -> int:
        """An array's values, or a pattern of bash such as ``!(a|b)``."""
        array = self.text[at - 1] == "="
        if array and not _ARRAY.fullmatch(self.text, start, at):
            raise Unclear
        self._deeper()
        parts.unknown()
        at += 1
        while at < self.end and self.text[at] != ")":
            inner = self.read(at)
            parts.inside += inner.word.inside
            if inner.end == at and self.text[at] not in (" \t\n" if array else " \t|"):
                raise Unclear
            at = max(inner.end, at + 1)
        if at >= self.end:
            raise Unclear
        self.depth -= 1
        parts.bare.append("*")
        return at + 1

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unclear
