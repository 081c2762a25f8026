"""Options and operands of a command."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from lissom.dockerfile.shell.script import Word

__all__ = ["Arguments", "Option", "arguments"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its name with dashes, its value and the word that holds it (None: it takes none)."""

    name: str
    value: str | None
    word: Word | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """A command's words behind its name, sorted out."""

    options: tuple[Option, ...]
    operands: tuple[Word, ...]

    def has(self, *names: str) -> bool:
        """Whether one of the options is given."""
        return any(option.name in names for option in self.options)

    def last(self, *names: str) -> Option | None:
        """The last of the options given; the one that counts."""
        return next((option for option in reversed(self.options) if option.name in names), None)


def arguments(
    words: Sequence[Word],
    text: Callable[[Word], str | None],
    *,
    short: str = "",
    long: Collection[str] = (),
) -> Arguments:
    """Sort out ``words``. ``short`` are the letters and ``long`` the names whose option takes a value.

    An option of unknown text counts as an operand.
    """
    options: list[Option] = []
    operands: list[Word] = []
    rest = iter(words)
    for word in rest:
        value = text(word)
        if value == "--":
            operands += rest
        elif not value or value == "-" or not value.startswith("-"):
            operands.append(word)
        elif value.startswith("--"):
            name, equals, given = value.partition("=")
            if equals:
                options.append(Option(name, given, word))
            else:
                after = next(rest, None) if name in long else None
                options.append(Option(name, text(after) if after else None, after))
        else:
            options += _cluster(value[1:], word, rest, text, short)
    return Arguments(tuple(options), tuple(operands))


def _cluster(letters: str, word: Word, rest: object, text: Callable[[Word], str | None], short: str) -> list[Option]:
    found: list[Option] = []
    for at, letter in enumerate(letters):
        if letter in short:
            if letters[at + 1 :]:
                return [*found, Option("-" + letter, letters[at + 1 :], word)]
            after = next(rest, None)  # type: ignore[call-overload]
            return [*found, Option("-" + letter, text(after) if after else None, after)]
        found.append(Option("-" + letter, None, None))
    return found
