"""One call of a command as those who know the command see it: where it runs, with what variables and input."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lissom.dockerfile.shell.script import Simple, Word
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.arguments import Arguments, arguments
from lissom.lint.effects.paths import flat, joined

__all__ = ["Call", "Unclear"]


class Unclear(ValueError):  # noqa: N818 - no fault: the command is merely not understood
    """What the command does to files cannot be told."""


@dataclass(frozen=True)
class Call:
    """``command`` is as written, ``words`` are the program and its arguments behind ``sudo``, ``env`` and the like;
    ``cwd`` is where it runs, ``piped`` whether it reads from a pipe.
    """

    command: Simple
    words: Sequence[Word]
    cwd: str
    variables: Mapping[str, str | None]
    sure: bool = True
    piped: bool = False

    def text(self, word: Word) -> str | None:
        """The word with quotes gone and variables put in as far as they are known."""
        return flat(word, self.variables)

    def arguments(self, *, short: str = "", long: Collection[str] = ()) -> Arguments:
        """Options and operands; ``short`` and ``long`` are options with a value."""
        return arguments(self.words[1:], self.text, short=short, long=long)

    def place(self, text: str | None, directory: str | None = None) -> str:
        """An absolute path; Unclear when the text is not known."""
        if text is None or not text:
            raise Unclear
        home = self.variables.get("HOME") or "${HOME}"
        if text == "~" or text.startswith("~/"):
            text = home + text[1:]
        return joined(directory or self.cwd, text.replace("${HOME}", home).replace("${PWD}", self.cwd))

    def path(self, word: Word, directory: str | None = None) -> str:
        """The absolute path that a word names; Unclear when that cannot be told."""
        return self.place(self.text(word), directory)

    def act(
        self, deed: Deed, path: str, word: Word | None = None, *, source: str = "", deep: bool = False, detail: str = ""
    ) -> Act:
        """An act of this call."""
        span = word.span if word else self.command.span
        return Act(deed, path, span, self.command, source, deep, self.sure, detail)

    def acts(self, deed: Deed, words: Iterable[Word], *, deep: bool = False, detail: str = "") -> list[Act]:
        """The same deed on each of the words."""
        return [self.act(deed, self.path(word), word, deep=deep, detail=detail) for word in words]
