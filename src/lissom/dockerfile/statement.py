"""One instruction taken apart into keyword, flags and arguments, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from lissom.dockerfile.expand import SPACE
from lissom.dockerfile.fault import Fault, FaultError, nearest
from lissom.dockerfile.lexer import Line
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Command, Flag, Warning  # noqa: A004
from lissom.dockerfile.words import NotStringsError, Word, fields, flags_of, json_array, keyword_of, quoted_words

__all__ = ["TEXT", "TEXTS", "TRUTH", "Flags", "Head", "Statement"]

# The kinds of flags.
TEXT = "one value"
TEXTS = "any number of values"
TRUTH = "true or false"


class Head(TypedDict):
    """What every instruction has."""

    keyword: str
    span: Span
    text: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """An instruction's line. ``rest`` are the arguments (from ``start`` on) without blanks around them."""

    line: Line
    escape: str
    word: Word
    keyword: str
    flags: tuple[Word, ...]
    start: int
    rest: str
    warnings: list[Warning] = field(default_factory=list)

    @classmethod
    def read(cls, line: Line, escape: str, begin: int = 0) -> Statement:
        """Take a line apart from ``begin`` on (ONBUILD's trigger begins inside a line)."""
        found = keyword_of(line.text[begin:])
        word = Word(found.text, found.start + begin, found.end + begin)
        flags, start = flags_of(line.text, word.end)
        rest = line.text[start:].strip(SPACE)
        start += len(line.text[start:]) - len(line.text[start:].lstrip(SPACE))
        return cls(line, escape, word, word.text.upper(), tuple(flags), start, rest)

    def head(self, flags: tuple[Flag, ...]) -> Head:
        """The common part of the instruction that this statement is."""
        inner = self.line.text[: self.word.start].strip(SPACE)  # the ONBUILD before a trigger
        start = self.line.origin(self.word.start) if inner else self.line.span.start
        span = Span(start, self.line.span.end)
        return Head(keyword=self.keyword, span=span, text=self.line.text[self.word.start :].strip(SPACE), flags=flags)

    def fields(self) -> list[Word]:
        """The arguments between blanks."""
        return fields(self.line.text, self.start)

    def quoted_words(self) -> list[Word]:
        """The arguments between blanks that are neither quoted nor escaped."""
        return quoted_words(self.line.text, self.start, self.escape)

    def json(self) -> tuple[str, ...] | None:
        """The arguments if they are a JSON array of strings."""
        return self.json_at(self.start)

    def json_at(self, start: int) -> tuple[str, ...] | None:
        """What follows ``start`` if it is a JSON array of strings."""
        try:
            return json_array(self.line.text[start:])
        except NotStringsError:
            where = (start, len(self.line.text.rstrip(SPACE)))
            hint = 'write every element in double quotes: ["a", "1"]'
            raise self.fault(where, f"{self.keyword} takes a JSON array of strings only", hint=hint) from None

    def command(self) -> Command:
        """The arguments as a command."""
        return Command.of(self.json(), self.rest)

    def fault(self, where: Word | tuple[int, int] | None, message: str, *, hint: str | None = None) -> FaultError:
        """A fault at a word, at a part of the line, or at the keyword."""
        start, end = (self.word if where is None else where)[-2:]
        return FaultError(Fault(self.line.span_of(int(start), int(end)), message, hint))

    def span(self, word: Word) -> Span:
        """Where a word is in the source."""
        return self.line.span_of(word.start, word.end)

    def warn(self, code: str, message: str, span: Span) -> None:
        """Note something that works but should not be written."""
        self.warnings.append(Warning(code, message, span))


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a statement, checked against those that its instruction knows."""

    raw: tuple[Flag, ...]
    words: tuple[Word, ...]

    @classmethod
    def read(cls, statement: Statement, known: Mapping[str, str]) -> Flags:
        """Check the flags; FaultError for one that is unknown, repeated, or lacks its value."""
        raw: list[Flag] = []
        for word in statement.flags:
            name, equals, value = word.text[2:].partition("=")
            kind = known.get(name)
            if kind is None:
                raise _unknown(statement, word, name, known)
            if kind is not TEXTS and any(flag.name == name for flag in raw):
                raise statement.fault(word, f"the flag --{name} is given twice")
            if (kind is not TRUTH and not equals) or (equals and not value and kind is TRUTH):
                raise statement.fault(word, f"the flag --{name} has no value", hint=f"write --{name}=VALUE")
            if kind is TRUTH and value.lower() not in ("", "true", "false"):
                raise statement.fault(word, f"the flag --{name} is true or false, not `{value}`")
            raw.append(Flag(name, value if equals else None, statement.span(word)))
        return cls(tuple(raw), statement.flags)

    def text(self, name: str) -> str | None:
        """The value of a flag; None if it is not given or empty."""
        return next((flag.value or None for flag in self.raw if flag.name == name), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of a flag that may be repeated."""
        return tuple(flag.value or "" for flag in self.raw if flag.name == name)

    def truth(self, name: str) -> bool | None:
        """Whether a flag is set; None if it is not given."""
        return next(((flag.value or "true").lower() == "true" for flag in self.raw if flag.name == name), None)

    def word(self, name: str) -> Word:
        """Where a flag that is given stands."""
        return next(word for word, flag in zip(self.words, self.raw, strict=True) if flag.name == name)


def _unknown(statement: Statement, word: Word, name: str, known: Mapping[str, str]) -> FaultError:
    guess = nearest(name, known)
    if guess:
        hint = f"did you mean --{guess}?"
    elif known:
        hint = f"{statement.keyword} knows " + ", ".join(f"--{one}" for one in known)
    else:
        hint = f"{statement.keyword} has no flags"
    return statement.fault(word, f"{statement.keyword} has no flag --{name}", hint=hint)
