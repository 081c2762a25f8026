"""Compound commands: ``if``, loops, ``case``, groups, functions, ``[[ ]]``, ``(( ))``."""

from __future__ import annotations

import re
from collections.abc import Callable

from lissom.dockerfile.shell.script import Command, Compound, Part, Sequence, Word
from lissom.dockerfile.shell.tokens import Token, Tokens
from lissom.dockerfile.shell.words import Unclear

__all__ = ["Compounds"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:+-]*")
_EXPRESSION = re.compile(r"""[ \t]+(?:'[^'\n]*'|"[^"\n`]*"|\\.|[^\s'"\\`;])+""")
_BRANCH_ENDS = (";;", ";&", ";;&")


class Compounds:
    """Reads compound commands; ``sequence`` reads a list up to one of some tokens, ``command`` any one command."""

    def __init__(
        self, tokens: Tokens, sequence: Callable[[tuple[str, ...]], Sequence], command: Callable[[], Command]
    ) -> None:
        self.tokens = tokens
        self.sequence = sequence
        self.command = command

    def read(self, token: Token) -> Command:
        """The compound command that begins with ``token``, which comes next. Unclear if none does."""
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
        redirections = self.tokens.redirections()
        return Compound(kind, tuple(bodies), tuple(words or ()), redirections, self.tokens.span(start))

    def _group(self) -> Command:
        start = self.tokens.take().start
        body = self._body("}")
        self.tokens.take()
        return self._end("group", start, [body])

    def _subshell(self) -> Command:
        token = self.tokens.take()
        if self.tokens.arithmetic():
            return self._end("arithmetic", token.start, [])
        body = self._body(")")
        self.tokens.take()
        return self._end("subshell", token.start, [body])

    def _if(self) -> Command:
        start = self.tokens.take().start
        bodies = [self._body("then")]
        self.tokens.take()
        while True:
            bodies.append(self._body("elif", "else", "fi"))
            word = self.tokens.take().text
            if word == "fi":
                return self._end("if", start, bodies)
            if word == "else":
                bodies.append(self._body("fi"))
                self.tokens.take()
                return self._end("if", start, bodies)
            bodies.append(self._body("then"))
            self.tokens.take()

    def _for(self) -> Command:
        start = self.tokens.take().start
        words: list[Word] = []
        if self.tokens.is_next("("):
            self.tokens.take()
            if not self.tokens.arithmetic(loop=True):
                raise Unclear
        else:
            self.tokens.word()
            self.tokens.skip_lines()
            if self.tokens.is_next("in"):
                self.tokens.take()
                while self.tokens.peek().kind == "word":
                    words.append(self.tokens.word())
        if self.tokens.is_next(";"):
            self.tokens.take()
        self.tokens.skip_lines()
        self.tokens.expect("do")
        body = self._body("done")
        self.tokens.take()
        return self._end("for", start, [body], words)

    def _loop(self) -> Command:
        token = self.tokens.take()
        condition = self._body("do")
        self.tokens.take()
        body = self._body("done")
        self.tokens.take()
        return self._end(token.text, token.start, [condition, body])

    def _case(self) -> Command:
        start = self.tokens.take().start
        word = self.tokens.word()
        self.tokens.skip_lines()
        self.tokens.expect("in")
        self.tokens.skip_lines()
        bodies: list[Sequence] = []
        while not self.tokens.is_next("esac"):
            if self.tokens.is_next("("):
                self.tokens.take()
            self.tokens.word()
            while self.tokens.is_next("|"):
                self.tokens.take()
                self.tokens.word()
            self.tokens.expect(")")
            bodies.append(self.sequence((*_BRANCH_ENDS, "esac")))
            if self.tokens.is_next(*_BRANCH_ENDS):
                self.tokens.take()
                self.tokens.skip_lines()
        self.tokens.take()
        return self._end("case", start, bodies, [word])

    def _test(self) -> Command:
        start = self.tokens.take().start
        words: list[Word] = []
        while not self.tokens.is_next("]]"):
            token = self.tokens.take()
            if token.kind == "end" or token.text == ";":
                raise Unclear
            if token.word is not None:
                words.append(token.word)
            if token.text == "=~":
                self._expression()
        self.tokens.take()
        return self._end("test", start, [], words)

    def _expression(self) -> None:
        """Skip a regular expression, in which parentheses and bars need no quotes."""
        found = _EXPRESSION.match(self.tokens.text, self.tokens.at, self.tokens.end)
        if found is None:
            raise Unclear
        self.tokens.skip(found.end())

    def _named_function(self) -> Command:
        start = self.tokens.take().start
        name = self.tokens.word()
        if self.tokens.is_next("("):
            return self.function(start, name)
        return self._function_body(start, name)

    def function(self, start: int, name: Word) -> Command:
        """The rest of a function's definition, from the parentheses behind its name on."""
        self.tokens.expect("(")
        self.tokens.expect(")")
        return self._function_body(start, name)

    def _function_body(self, start: int, name: Word) -> Command:
        if not _NAME.fullmatch(name.text):
            raise Unclear
        self.tokens.skip_lines()
        body = self.command()
        if not isinstance(body, Compound):
            raise Unclear
        whole = Sequence((Part(body, ""),), body.span)
        return Compound("function", (whole,), (name,), (), self.tokens.span(start))

    def _body(self, *stops: str) -> Sequence:
        """Commands up to one of ``stops``, at least one."""
        found = self.sequence(stops)
        if not found.parts or not self.tokens.is_next(*stops):
            raise Unclear
        return found
