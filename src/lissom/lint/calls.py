"""A simple command as the program that it calls, behind ``sudo``, ``env`` and their like, by its name as written.

``caches.call`` knows more: versions of programs, what a shell runs, what is substituted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from lissom.dockerfile.shell.script import Simple, Word
from lissom.dockerfile.source import Span
from lissom.lint.caches.wrappers import text_of, unwrapped

__all__ = ["Call", "call_of"]

# Those that change who runs a program and how; what runs it by its own lights (``bundle exec``) is the call itself.
_WRAPPERS = frozenset(("sudo", "env", "exec", "command", "time", "nice", "nohup", "eatmydata", "timeout"))


@dataclass(frozen=True, slots=True)
class Call:
    """One program that is called: its base name, the words behind it, and what stood before it (``sudo``)."""

    name: str
    words: tuple[Word, ...]
    span: Span
    behind: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The words, those that are not constant as written."""
        return tuple(text_of(word) for word in self.words)

    def has(self, *options: str) -> bool:
        """Whether one of the options is given: ``--long`` also with a value, ``-s`` also among other letters."""
        return self.option(*options) is not None

    def option(self, *options: str) -> Word | None:
        """The word that gives one of the options."""
        before = takewhile(lambda word: text_of(word) != "--", self.words)
        return next((word for word in before if any(_gives(text_of(word), one) for one in options)), None)

    def operands(self, valued: Iterable[str] = ()) -> tuple[Word, ...]:
        """The words that are no options; ``valued`` are the options whose next word is their value."""
        return tuple(_operands(self.words, frozenset(valued)))


def call_of(simple: Simple) -> Call | None:
    """The call that a command is; None when the program is not a constant."""
    words = simple.words
    behind: list[str] = []
    for at, name in unwrapped(words):
        if name not in _WRAPPERS:
            span = Span(words[at].span.start, words[-1].span.end)
            return Call(name, words[at + 1 :], span, tuple(behind)) if name else None
        behind.append(name)
    return None


def _gives(value: str, option: str) -> bool:
    name = value.partition("=")[0]
    cluster = len(name) > 1 and name[0] == "-" and name[1] != "-"
    return name == option or (cluster and len(option) == 2 and option[1] in name)


def _operands(words: tuple[Word, ...], valued: frozenset[str]) -> Iterator[Word]:
    skip = plain = False
    for word in words:
        value = text_of(word)
        if skip:
            skip = False
        elif plain or value == "-" or not value.startswith("-"):
            yield word
        elif value == "--":
            plain = True
        else:
            skip = value in valued
