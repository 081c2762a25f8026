"""From the text of a shell script to its commands: the grammar of POSIX, and what bash adds that images use."""

from __future__ import annotations

import re

from lissom.dockerfile.shell.compounds import Compounds
from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import Command, Part, Pipeline, Redirection, Script, Sequence, Simple, Word
from lissom.dockerfile.shell.tokens import ARRAY, Notes, Token, Tokens
from lissom.dockerfile.shell.words import Unclear
from lissom.dockerfile.source import Span

__all__ = ["parse_script"]

_DEEPEST = 40
_LONGEST = 500_000  # characters
_MOST_COMMANDS = 1000
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=")
_RESERVED = frozenset(
    (
        *(
            "!",
            "{",
            "}",
            "[[",
            "]]",
            "if",
            "then",
            "elif",
            "else",
            "fi",
            "for",
            "select",
            "while",
            "until",
            "do",
            "done",
        ),
        *("case", "in", "esac", "function", "coproc"),
    )
)
_DECLARING = frozenset(("declare", "typeset", "export", "local", "readonly"))


def parse_script(placed: Placed) -> Script | None:
    """The script that a text is; None if it is none, holds no command, is very long, or is not surely understood."""
    if len(placed.text) > _LONGEST:
        return None
    notes = Notes()
    try:
        parser = _Parser(placed, 0, len(placed.text), 0, notes)
        body = parser.sequence(())
        if parser.tokens.peek().kind != "end" or parser.tokens.pending:
            return None
    except Unclear:
        return None
    return Script(placed.text, body, tuple(sorted(notes.comments)), tuple(notes.heredocs)) if body.parts else None


class _Parser:
    """Reads commands of ``placed`` from ``at`` up to ``end``."""

    def __init__(self, placed: Placed, at: int, end: int, depth: int, notes: Notes) -> None:
        if depth > _DEEPEST:
            raise Unclear
        self.depth = depth
        self.tokens = Tokens(placed, at, end, notes, self._substituted)
        self.compounds = Compounds(self.tokens, self.sequence, self._command)

    def _substituted(self, start: int, end: int | None) -> tuple[Sequence, int]:
        tokens = self.tokens
        stop = tokens.end if end is None else end
        inner = _Parser(tokens.placed, start, stop, self.depth + tokens.words.depth + 1, tokens.notes)
        body = inner.sequence((")",) if end is None else ())
        last = inner.tokens.peek()
        if inner.tokens.pending or (last.text != ")" if end is None else last.kind != "end"):
            raise Unclear
        return body, last.start

    def sequence(self, stops: tuple[str, ...]) -> Sequence:
        """Commands up to one of ``stops``, which is not taken, or to the end."""
        parts: list[Part] = []
        self.tokens.skip_lines()
        start = self.tokens.peek().start
        while not self._stopped(stops):
            command = self._pipeline()
            joiner = self._joiner(stops)
            parts.append(Part(command, joiner))
            if not joiner:
                break
        if not parts:
            return Sequence(
                (), self.tokens.placed.span_of(start, start) if start < len(self.tokens.text) else Span(0, 0)
            )
        return Sequence(tuple(parts), Span(parts[0].command.span.start, parts[-1].command.span.end))

    def _stopped(self, stops: tuple[str, ...]) -> bool:
        return self.tokens.peek().kind == "end" or self.tokens.is_next(*stops)

    def _joiner(self, stops: tuple[str, ...]) -> str:
        if self.tokens.is_next("&&", "||"):
            joiner = self.tokens.take().text
            self.tokens.skip_lines()
            if self._stopped(stops):
                raise Unclear
            return joiner
        if self.tokens.is_next(";", "&"):
            joiner = self.tokens.take().text
            self.tokens.skip_lines()
            return joiner
        return ";" if self.tokens.skip_lines() and not self._stopped(stops) else ""

    def _pipeline(self) -> Command:
        start = self.tokens.peek().start
        negated = self.tokens.is_next("!")
        if negated:
            self.tokens.take()
        commands = [self._command()]
        while self.tokens.is_next("|", "|&"):
            self.tokens.take()
            self.tokens.skip_lines()
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(tuple(commands), negated, self.tokens.span(start))

    def _command(self) -> Command:
        self.depth += 1
        self.tokens.notes.commands += 1
        if self.depth > _DEEPEST or self.tokens.notes.commands > _MOST_COMMANDS:
            raise Unclear
        token = self.tokens.peek()
        found = self.compounds.read(token) if token.text == "(" or token.text in _RESERVED else self._simple()
        self.depth -= 1
        return found

    def _simple(self) -> Command:
        start = self.tokens.peek().start
        assignments: list[Word] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            token = self.tokens.peek()
            if self.tokens.at_redirection():
                redirections.append(self.tokens.redirection())
            elif token.kind == "word" and token.word is not None:
                self.tokens.take()
                self._check_argument(token, words)
                is_assignment = not words and _ASSIGNMENT.match(self.tokens.text, token.start, token.end)
                (assignments if is_assignment else words).append(token.word)
            elif token.text == "(" and len(words) == 1 and not assignments and not redirections:
                return self.compounds.function(start, words[0])
            else:
                break
        if not (assignments or words or redirections) or {word.text for word in words} == {"time"}:
            raise Unclear
        return Simple(tuple(assignments), tuple(words), tuple(redirections), self.tokens.span(start))

    def _check_argument(self, token: Token, before: list[Word]) -> None:
        """Refuse what bash gives a meaning of its own: an array as argument, ``time`` before a compound command."""
        timed = len(before) == 1 and before[0].text == "time"
        declaring = not before or before[0].value in _DECLARING
        if (timed and token.text in _RESERVED) or (
            not declaring and ARRAY.match(self.tokens.text, token.start, token.end)
        ):
            raise Unclear
