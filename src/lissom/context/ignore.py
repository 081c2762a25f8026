"""Which files of a context a build does not see: the rules of .dockerignore, as moby's pattern matcher applies them.

A pattern matches a path and everything below it; of several that match the last one decides; ``!`` takes back.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lissom.context.glob import has_wildcards, ignore_expression, match_part
from lissom.errors import UsageError

__all__ = ["Ignore", "Pattern"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: cleaned, relative to the context's root; ``exception`` is for ``!``."""

    text: str
    exception: bool
    expression: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> Pattern | None:
        """Read one pattern; None for an empty one. Raises ValueError with the cause."""
        text = text.strip()
        exception = text.startswith("!")
        if exception:
            text = text[1:].strip()
            if not text:
                raise ValueError("`!` stands alone")
        if not text:
            return None
        text = posixpath.normpath(text)
        text = "/" + text.lstrip("/") if text.startswith("//") else text
        if len(text) > 1:
            text = text.removeprefix("/")
        return cls(text, exception, re.compile(ignore_expression(text), re.DOTALL))


@dataclass(frozen=True)
class Ignore:
    """Ordered patterns. The root itself is never ignored."""

    patterns: tuple[Pattern, ...] = ()
    _any: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.patterns:
            joined = "|".join(f"(?:{pattern.expression.pattern})" for pattern in self.patterns)
            object.__setattr__(self, "_any", re.compile(joined, re.DOTALL))

    @classmethod
    def parse(cls, text: str, name: str = ".dockerignore") -> Ignore:
        """Read a file: a pattern a line, lines that begin with ``#`` are comments. Raises UsageError."""
        patterns: list[Pattern] = []
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            if line.startswith("#"):
                continue
            try:
                pattern = Pattern.parse(line)
            except ValueError as error:
                raise UsageError(f"cannot read `{name}:{number}`: `{line.strip()}` is no pattern: {error}") from error
            if pattern is not None:
                patterns.append(pattern)
        return cls(tuple(patterns))

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Ignore:
        """Patterns from a flag. Raises UsageError."""
        found: list[Pattern] = []
        for text in patterns:
            try:
                pattern = Pattern.parse(text)
            except ValueError as error:
                raise UsageError(f"cannot use pattern `{text}`: {error}") from error
            if pattern is not None:
                found.append(pattern)
        return cls(tuple(found))

    def deciding(self, path: str, above: int = -1) -> int:
        """The number of the last pattern that matches ``path`` or a directory above it; -1 when none does.

        ``above`` is the answer for the directory that ``path`` is in.
        """
        if self._any is None or self._any.fullmatch(path) is None:
            return above
        for number in range(len(self.patterns) - 1, above, -1):
            if self.patterns[number].expression.fullmatch(path):
                return number
        return above

    def deciding_below(self, path: str) -> int:
        """The number of the last pattern that matches ``path``, its directories asked from the root down."""
        number = -1
        for end in (*(n for n, c in enumerate(path) if c == "/"), len(path)):
            number = self.deciding(path[:end], number)
        return number

    def is_ignoring(self, number: int) -> bool:
        """Whether a path with this deciding pattern is ignored."""
        return number >= 0 and not self.patterns[number].exception

    def ignores(self, path: str) -> bool:
        """Whether ``path`` (relative, clean) is ignored."""
        number = -1
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            number = self.deciding("/".join(parts[:length]), number)
        return self.is_ignoring(number)

    def may_keep_below(self, directory: str, number: int) -> bool:
        """Whether an exception after pattern ``number`` can match something below the ignored ``directory``."""
        parts = directory.split("/")
        return any(p.exception and _reaches_below(p.text.split("/"), parts) for p in self.patterns[number + 1 :])


def _reaches_below(pattern: list[str], directory: list[str]) -> bool:
    for position, part in enumerate(directory):
        if position >= len(pattern):
            return False
        wanted = pattern[position]
        if "**" in wanted:
            return True
        if has_wildcards(wanted) or "\\" in wanted:
            if match_part(wanted).fullmatch(part) is None:
                return False
        elif wanted != part:
            return False
    return len(pattern) > len(directory)
