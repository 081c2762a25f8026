"""The tokens of a shell script, read where the grammar asks for them; heredocs are cut out at the end of their line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import Redirection, Sequence, Word
from lissom.dockerfile.shell.words import Unclear, WordReader
from lissom.dockerfile.source import Span

__all__ = ["ARRAY", "Notes", "Token", "Tokens"]

_REDIRECTIONS = frozenset(("<", ">", ">>", "<<", "<<-", "<<<", "<&", ">&", "<>", ">|", "&>", "&>>"))
ARRAY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=\(")

_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|&>>|&>|<<<|<<-|<<|<&|<>|>>|>&|>\||\|&|[|&;()<>]")
_DESCRIPTOR = re.compile(r"[0-9]+(?=[<>])")
_BLANK = re.compile(r"(?:[ \t\r]|\\\n)+")
_VARIABLE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")


@dataclass(slots=True)
class Notes:
    """What is found by the way."""

    comments: list[Span] = field(default_factory=list)
    heredocs: list[Span] = field(default_factory=list)
    commands: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is operator, descriptor, word, line (an end of line) or end; ``text`` of a word that is quoted is ""."""

    kind: str
    text: str
    start: int
    end: int
    word: Word | None = None


class Tokens:
    """Reads tokens of ``placed`` from ``at`` up to ``end``. ``commands`` reads substitutions, as for ``WordReader``."""

    def __init__(
        self,
        placed: Placed,
        at: int,
        end: int,
        notes: Notes,
        commands: Callable[[int, int | None], tuple[Sequence, int]],
    ) -> None:
        self.placed = placed
        self.text = placed.text
        self.at = at
        self.end = end
        self.notes = notes
        self.done = at  # the end of the last token that was taken
        self.pending: list[tuple[str, bool]] = []
        self.words = WordReader(placed, end, commands)
        self.ahead: Token | None = None

    def peek(self) -> Token:
        """The next token, which stays."""
        if self.ahead is None:
            self.ahead = self._token()
        return self.ahead

    def take(self) -> Token:
        """The next token; behind an end of line, heredocs that began in that line are taken too."""
        token = self.peek()
        self.ahead = None
        self.at = token.end
        if token.kind != "line":
            self.done = token.end
        elif self.pending:
            self._heredocs()
        return token

    def _token(self) -> Token:
        at = self.at
        blank = _BLANK.match(self.text, at, self.end)
        at = blank.end() if blank else at
        if at < self.end and self.text[at] == "#":
            stop = self.text.find("\n", at, self.end)
            stop = self.end if stop < 0 else stop
            self.notes.comments.append(self.placed.span_of(at, stop))
            at = stop
        if at >= self.end:
            return Token("end", "", at, at)
        if self.text[at] == "\n":
            return Token("line", "\n", at, at + 1)
        process = self.text.startswith(("<(", ">("), at)
        operator = None if process else _OPERATOR.match(self.text, at, self.end)
        if operator:
            return Token("operator", operator[0], at, operator.end())
        descriptor = _DESCRIPTOR.match(self.text, at, self.end)
        if descriptor:
            return Token("descriptor", descriptor[0], at, descriptor.end())
        read = self.words.read(at)
        if read.end == at or (_VARIABLE.fullmatch(read.word.text) and self.text.startswith(("<", ">"), read.end)):
            raise Unclear
        return Token("word", read.word.text if read.plain else "", at, read.end, read.word)

    def _heredocs(self) -> None:
        for name, tabs in self.pending:
            begin = self.at
            while True:
                if self.at >= self.end:
                    raise Unclear
                stop = self.text.find("\n", self.at, self.end)
                stop = self.end if stop < 0 else stop
                line = self.text[self.at : stop].removesuffix("\r")
                self.at = min(stop + 1, self.end)
                if (line.lstrip("\t") if tabs else line) == name:
                    break
            self.notes.heredocs.append(self.placed.span_of(begin, stop))
        self.pending = []

    def skip_lines(self) -> bool:
        """Take ends of lines; whether there was one."""
        found = False
        while self.peek().kind == "line":
            self.take()
            found = True
        return found

    def is_next(self, *texts: str) -> bool:
        """Whether the next token is one of these operators or reserved words."""
        token = self.peek()
        return token.kind in ("operator", "word") and token.text in texts

    def expect(self, *texts: str) -> Token:
        """Take one of these operators or reserved words. Unclear if none comes next."""
        if not self.is_next(*texts):
            raise Unclear
        return self.take()

    def span(self, start: int) -> Span:
        """The place of what was taken from ``start`` on."""
        return self.placed.span_of(start, self.done)

    def skip(self, end: int) -> None:
        """Go on at ``end``; nothing may be ahead."""
        assert self.ahead is None
        self.at = self.done = end

    def word(self) -> Word:
        """The next token if it is a word that stands for one text. Unclear if it is none."""
        token = self.take()
        if token.word is None or ARRAY.match(self.text, token.start, token.end):
            raise Unclear
        return token.word

    def arithmetic(self, *, loop: bool = False) -> bool:
        """Take what stands between the second parenthesis of ``((`` and ``))``, if it does; the first one is taken."""
        if not self.text.startswith("(", self.at, self.end):
            return False
        close = self.words.arithmetic(self.at + 1, loop=loop)
        if close is None:
            return False
        self.skip(close)
        return True

    def redirections(self) -> tuple[Redirection, ...]:
        """All redirections that stand here."""
        found: list[Redirection] = []
        while self.at_redirection():
            found.append(self.redirection())
        return tuple(found)

    def at_redirection(self) -> bool:
        """Whether a redirection comes next."""
        token = self.peek()
        return token.kind == "descriptor" or (token.kind == "operator" and token.text in _REDIRECTIONS)

    def redirection(self) -> Redirection:
        """The redirection that stands here."""
        token = self.take()
        start = token.start
        descriptor = None
        if token.kind == "descriptor":
            descriptor = int(token.text[:9])
            token = self.take()
        target = self.word()
        if token.text in ("<<", "<<-"):
            if target.value is None:
                raise Unclear
            self.pending.append((target.value, token.text == "<<-"))
        return Redirection(token.text, descriptor, target, self.span(start))
