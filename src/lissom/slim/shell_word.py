"""Words of a shell: quotes taken away, and ``\\0`` for whatever the shell would put in the place of a ``$``."""

from __future__ import annotations

import re
from abc import abstractmethod

from lissom.slim.shell_cursor import Cursor

__all__ = ["DEEPEST", "WordReader"]

DEEPEST = 40
"""How many commands within commands, and words within words, are gone into."""
_VARIABLE = re.compile(r"\w+|[@*#?$!-]")
_PLAIN = re.compile(r"[^\s;&|()<>\\'\"`$]+")
_IN_QUOTES = re.compile(r"[^\"\\`$]+")


class WordReader(Cursor):
    """Reads words at its place. What is in the braces of ``${…}`` is added to ``words``."""

    def __init__(self, text: str, words: list[str], depth: int) -> None:
        super().__init__(text)
        self.words = words
        self.depth = depth

    @abstractmethod
    def nested(self) -> None:
        """Read commands from after an opening bracket up to its closing one."""

    @abstractmethod
    def commands_in(self, text: str) -> None:
        """Read the commands of a text between backticks."""

    def word(self) -> str:
        """The word here; of what is none one character, so that it never stands still."""
        text, parts = self.text, list[str]()
        start = self.at
        while self.at < len(text):
            plain = _PLAIN.match(text, self.at)
            if plain:
                parts.append(plain[0])
                self.at = plain.end()
                continue
            char = text[self.at]
            if char == "\\":
                parts.append(text[self.at + 1 : self.at + 2].replace("\n", ""))
                self.at += 2
            elif char == "'":
                parts.append(self.until("'"))
            elif char == '"':
                parts.append(self.quoted())
            elif char in "$`":
                parts.append(self.expansion())
            else:
                break
        if self.at == start:
            self.at += 1
        return "".join(parts)

    def quoted(self) -> str:
        """What is between the quote here, or after a dollar, and the next one."""
        text, parts = self.text, list[str]()
        self.at += 1
        while self.at < len(text) and text[self.at] != '"':
            plain = _IN_QUOTES.match(text, self.at)
            if plain:
                parts.append(plain[0])
                self.at = plain.end()
            elif text[self.at] == "\\":
                parts.append(text[self.at + 1 : self.at + 2])
                self.at += 2
            else:
                parts.append(self.expansion())
        self.at += 1
        return "".join(parts)

    def expansion(self) -> str:
        """At ``$`` or a backtick."""
        text = self.text
        if text[self.at] == "`":
            inner = self.until("`").replace("\\`", "`")
            self.commands_in(inner)
            return "\0"
        self.at += 1
        if text.startswith("((", self.at):
            self.skip_arithmetic()
        elif text.startswith("(", self.at):
            self.at += 1
            self.nested()
        elif text.startswith("{", self.at):
            self.braces()
        elif text.startswith("'", self.at):
            return self.until("'")
        elif text.startswith('"', self.at):
            return self.quoted()
        elif name := _VARIABLE.match(text, self.at):
            self.at = name.end()
        else:
            return "$"
        return "\0"

    def braces(self) -> None:
        """Go over ``{…}`` after a dollar."""
        text, start = self.text, self.at + 1
        self.at += 1
        while self.at < len(text) and text[self.at] != "}":
            char = text[self.at]
            if char == "\\":
                self.at += 2
            elif char == "'":
                self.until("'")
            elif char == '"' and self.depth < DEEPEST:
                self.quoted()
            elif char in "$`" and self.depth < DEEPEST:
                self.depth += 1
                self.expansion()
                self.depth -= 1
            else:
                self.at += 1
        self.words.append(text[start : self.at])
        self.at += 1
