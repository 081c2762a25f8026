"""From the text of a shell script to its commands: the grammar of POSIX, and what bash adds that images use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import (
    Command,
    Compound,
    Part,
    Pipeline,
    Redirection,
    Script,
    Sequence,
    Simple,
    Word,
)
from lissom.dockerfile.shell.words import Unclear, WordReader
from lissom.dockerfile.source import Span

__all__ = ["parse_script"]

_DEEPEST = 40
_LONGEST = 500_000  # characters
_MOST_COMMANDS = 1000
_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|&>>|&>|<<<|<<-|<<|<&|<>|>>|>&|>\||\|&|[|&;()<>]")
_REDIRECT = frozenset(("<", ">", ">>", "<<", "<<-", "<<<", "<&", ">&", "<>", ">|", "&>", "&>>"))
_DESCRIPTOR = re.compile(r"[0-9]+(?=[<>])")
_BLANK = re.compile(r"(?:[ \t\r]|\\\n)+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])?\+?=")
_VARIABLE = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:+-]*")
_RESERVED = frozenset(
    ("!", "{", "}", "[[", "if", "then", "elif", "else", "fi", "for", "select", "while", "until", "do", "done", "case")
) | {"esac", "function", "coproc"}
_BRANCH_ENDS = (";;", ";&", ";;&")


def parse_script(placed: Placed) -> Script | None:
    """The script that a text is; None if it is none, holds no command, is very long, or is not surely understood."""
    if len(placed.text) > _LONGEST:
        return None
    notes = _Notes()
    try:
        parser = _Parser(placed, 0, len(placed.text), 0, notes)
        body = parser.sequence(())
        if parser.peek().kind != "end" or parser.pending:
            return None
    except Unclear:
        return None
    return Script(placed.text, body, tuple(sorted(notes.comments)), tuple(notes.heredocs)) if body.parts else None


@dataclass(slots=True)
class _Notes:
    """What is found by the way."""

    comments: list[Span] = field(default_factory=list)
    heredocs: list[Span] = field(default_factory=list)
    commands: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    """``kind`` is operator, descriptor, word, line (an end of line) or end; ``text`` of a word that is quoted is ""."""

    kind: str
    text: str
    start: int
    end: int
    word: Word | None = None


class _Parser:
    """Reads commands of ``placed`` from ``at`` up to ``end``."""

    def __init__(self, placed: Placed, at: int, end: int, depth: int, notes: _Notes) -> None:
        if depth > _DEEPEST:
            raise Unclear
        self.placed = placed
        self.text = placed.text
        self.at = at
        self.end = end
        self.depth = depth
        self.notes = notes
        self.done = at  # the end of the last token that was taken
        self.pending: list[tuple[str, bool]] = []
        self.words = WordReader(placed, end, self._substituted)
        self.ahead: _Token | None = None

    def _substituted(self, start: int, end: int | None) -> tuple[Sequence, int]:
        inner = _Parser(self.placed, start, self.end if end is None else end, self.depth + 1, self.notes)
        body = inner.sequence((")",) if end is None else ())
        last = inner.peek()
        if inner.pending or last.kind != ("operator" if end is None else "end"):
            raise Unclear
        return body, last.start

    # tokens

    def peek(self) -> _Token:
        if self.ahead is None:
            self.ahead = self._token()
        return self.ahead

    def take(self) -> _Token:
        token = self.peek()
        self.ahead = None
        self.at = token.end
        if token.kind != "line":
            self.done = token.end
        elif self.pending:
            self._heredocs()
        return token

    def _token(self) -> _Token:
        at = self.at
        blank = _BLANK.match(self.text, at, self.end)
        at = blank.end() if blank else at
        if at < self.end and self.text[at] == "#":
            stop = self.text.find("\n", at, self.end)
            stop = self.end if stop < 0 else stop
            self.notes.comments.append(self.placed.span_of(at, stop))
            at = stop
        if at >= self.end:
            return _Token("end", "", at, at)
        if self.text[at] == "\n":
            return _Token("line", "\n", at, at + 1)
        process = self.text.startswith(("<(", ">("), at)
        operator = None if process else _OPERATOR.match(self.text, at, self.end)
        if operator:
            return _Token("operator", operator[0], at, operator.end())
        descriptor = _DESCRIPTOR.match(self.text, at, self.end)
        if descriptor:
            return _Token("descriptor", descriptor[0], at, descriptor.end())
        read = self.words.read(at)
        if read.end == at or (_VARIABLE.fullmatch(read.word.text) and self.text.startswith(("<", ">"), read.end)):
            raise Unclear
        return _Token("word", read.word.text if read.plain else "", at, read.end, read.word)

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
        found = False
        while self.peek().kind == "line":
            self.take()
            found = True
        return found

    def is_next(self, *texts: str) -> bool:
        """Whether the next token is one of these operators or reserved words."""
        token = self.peek()
        return token.kind in ("operator", "word") and token.text in texts

    def expect(self, *texts: str) -> _Token:
        if not self.is_next(*texts):
            raise Unclear
        return self.take()

    def span(self, start: int) -> Span:
        return self.placed.span_of(start, self.done)

    # lists and pipelines

    def sequence(self, stops: tuple[str, ...]) -> Sequence:
        """Commands up to one of ``stops``, which is not taken, or to the end."""
        parts: list[Part] = []
        self.skip_lines()
        start = self.peek().start
        while not self._stopped(stops):
            command = self._pipeline()
            joiner = self._joiner(stops)
            parts.append(Part(command, joiner))
            if not joiner:
                break
        if not parts:
            return Sequence((), self.placed.span_of(start, start) if start < len(self.text) else Span(0, 0))
        return Sequence(tuple(parts), Span(parts[0].command.span.start, parts[-1].command.span.end))

    def _stopped(self, stops: tuple[str, ...]) -> bool:
        return self.peek().kind == "end" or self.is_next(*stops)

    def _joiner(self, stops: tuple[str, ...]) -> str:
        if self.is_next("&&", "||"):
            joiner = self.take().text
            self.skip_lines()
            if self._stopped(stops):
                raise Unclear
            return joiner
        if self.is_next(";", "&"):
            joiner = self.take().text
            self.skip_lines()
            return joiner
        return ";" if self.skip_lines() and not self._stopped(stops) else ""

    def _body(self, *stops: str) -> Sequence:
        """Commands up to one of ``stops``, at least one."""
        found = self.sequence(stops)
        if not found.parts or not self.is_next(*stops):
            raise Unclear
        return found

    def _pipeline(self) -> Command:
        start = self.peek().start
        negated = self.is_next("!")
        if negated:
            self.take()
        commands = [self._command()]
        while self.is_next("|", "|&"):
            self.take()
            self.skip_lines()
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(tuple(commands), negated, self.span(start))

    def _command(self) -> Command:
        self.depth += 1
        self.notes.commands += 1
        if self.depth > _DEEPEST or self.notes.commands > _MOST_COMMANDS:
            raise Unclear
        token = self.peek()
        found = self._compound(token) if token.text == "(" or token.text in _RESERVED else self._simple()
        self.depth -= 1
        return found

    # simple commands

    def _simple(self) -> Command:
        start = self.peek().start
        assignments: list[Word] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            token = self.peek()
            if token.kind == "descriptor" or (token.kind == "operator" and token.text in _REDIRECT):
                redirections.append(self._redirection())
            elif token.kind == "word" and token.word is not None:
                self.take()
                is_assignment = not words and _ASSIGNMENT.match(self.text, token.start, token.end)
                (assignments if is_assignment else words).append(token.word)
            elif token.text == "(" and len(words) == 1 and not assignments and not redirections:
                return self._function(start, words[0])
            else:
                break
        if not (assignments or words or redirections):
            raise Unclear
        return Simple(tuple(assignments), tuple(words), tuple(redirections), self.span(start))

    def _redirection(self) -> Redirection:
        token = self.take()
        start = token.start
        descriptor = None
        if token.kind == "descriptor":
            descriptor = int(token.text[:9])
            token = self.take()
        target = self._word()
        if token.text in ("<<", "<<-"):
            if target.value is None:
                raise Unclear
            self.pending.append((target.value, token.text == "<<-"))
        return Redirection(token.text, descriptor, target, self.span(start))

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while self.peek().kind == "descriptor" or (self.peek().kind == "operator" and self.is_next(*_REDIRECT)):
            found.append(self._redirection())
        return tuple(found)

    def _word(self) -> Word:
        token = self.take()
        if token.word is None:
            raise Unclear
        return token.word

    # compound commands

    def _compound(self, token: _Token) -> Command:
        readers = {
            "{": self._group,
            "(": self._subshell,
            "if": self._if,
            "for": self._for,
            "select": self._for,
            "while": self._loop,
            "until": self._loop,
            "case": self._case,
            "[[": self._test,
            "function": self._named_function,
        }
        reader = readers.get(token.text)
        if reader is None:
            raise Unclear
        return reader()

    def _end(self, kind: str, start: int, bodies: list[Sequence], words: list[Word] | None = None) -> Compound:
        redirections = self._redirections()
        return Compound(kind, tuple(bodies), tuple(words or ()), redirections, self.span(start))

    def _group(self) -> Command:
        start = self.take().start
        body = self._body("}")
        self.take()
        return self._end("group", start, [body])

    def _subshell(self) -> Command:
        token = self.take()
        if self.text.startswith("(", self.at, self.end):
            close = self.words.arithmetic(self.at + 1)
            if close is not None:
                self.at = self.done = close
                self.ahead = None
                return self._end("arithmetic", token.start, [])
        body = self._body(")")
        self.take()
        return self._end("subshell", token.start, [body])

    def _if(self) -> Command:
        start = self.take().start
        bodies = [self._body("then")]
        self.take()
        while True:
            bodies.append(self._body("elif", "else", "fi"))
            word = self.take().text
            if word == "fi":
                return self._end("if", start, bodies)
            if word == "else":
                bodies.append(self._body("fi"))
                self.take()
                return self._end("if", start, bodies)
            bodies.append(self._body("then"))
            self.take()

    def _for(self) -> Command:
        start = self.take().start
        words: list[Word] = []
        if self.is_next("("):
            self.take()
            close = None
            if self.text.startswith("(", self.at, self.end):
                close = self.words.arithmetic(self.at + 1, loop=True)
            if close is None:
                raise Unclear
            self.at = self.done = close
            self.ahead = None
        else:
            self._word()
            self.skip_lines()
            if self.is_next("in"):
                self.take()
                while self.peek().kind == "word":
                    words.append(self._word())
        if self.is_next(";"):
            self.take()
        self.skip_lines()
        self.expect("do")
        body = self._body("done")
        self.take()
        return self._end("for", start, [body], words)

    def _loop(self) -> Command:
        token = self.take()
        condition = self._body("do")
        self.take()
        body = self._body("done")
        self.take()
        return self._end(token.text, token.start, [condition, body])

    def _case(self) -> Command:
        start = self.take().start
        word = self._word()
        self.skip_lines()
        self.expect("in")
        self.skip_lines()
        bodies: list[Sequence] = []
        while not self.is_next("esac"):
            if self.is_next("("):
                self.take()
            self._word()
            while self.is_next("|"):
                self.take()
                self._word()
            self.expect(")")
            bodies.append(self.sequence((*_BRANCH_ENDS, "esac")))
            if self.is_next(*_BRANCH_ENDS):
                self.take()
                self.skip_lines()
        self.take()
        return self._end("case", start, bodies, [word])

    def _test(self) -> Command:
        start = self.take().start
        words: list[Word] = []
        while not self.is_next("]]"):
            token = self.take()
            if token.kind == "end" or token.text == ";":
                raise Unclear
            if token.word is not None:
                words.append(token.word)
            if token.text == "=~":
                self._expression()
        self.take()
        return self._end("test", start, [], words)

    def _expression(self) -> None:
        """Skip a regular expression, in which parentheses and bars need no quotes."""
        found = re.compile(r"""[ \t]+(?:'[^'\n]*'|"[^"\n`]*"|\\.|[^\s'"\\`;])+""").match(self.text, self.at, self.end)
        if found is None:
            raise Unclear
        self.at = self.done = found.end()
        self.ahead = None

    def _named_function(self) -> Command:
        start = self.take().start
        name = self._word()
        if self.is_next("("):
            return self._function(start, name)
        return self._function_body(start, name)

    def _function(self, start: int, name: Word) -> Command:
        self.expect("(")
        self.expect(")")
        return self._function_body(start, name)

    def _function_body(self, start: int, name: Word) -> Command:
        if not _NAME.fullmatch(name.text):
            raise Unclear
        self.skip_lines()
        body = self._command()
        if not isinstance(body, Compound):
            raise Unclear
        whole = Sequence((Part(body, ""),), body.span)
        return Compound("function", (whole,), (name,), (), self.span(start))
