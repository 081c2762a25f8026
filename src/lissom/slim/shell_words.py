"""Simple commands of a shell script as lists of words, found in one pass; what the shell would expand is ``\\0``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lissom.slim.shell_cursor import Cursor

__all__ = ["Reading", "read_commands"]

_PASSED = frozenset(("if", "then", "elif", "else", "do", "while", "until", "!", "{", "}", "fi", "done", "time"))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_VARIABLE = re.compile(r"\w+|[@*#?$!-]")
_PLAIN = re.compile(r"[^\s;&|()<>\\'\"`$]+")
_IN_QUOTES = re.compile(r"[^\"\\`$]+")
_DEEPEST = 40


@dataclass(frozen=True)
class Reading:
    """``commands`` with their names first; ``words`` are all words of the text; ``functions`` what it defines."""

    commands: list[list[str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)


def read_commands(text: str) -> Reading:
    """Read a script. Text that is no shell does not fail."""
    result = Reading()
    _Reader(text, result, 0).script("")
    return result


class _Reader(Cursor):
    def __init__(self, text: str, result: Reading, depth: int) -> None:
        super().__init__(text)
        self._result = result
        self._depth = depth
        self._here: list[tuple[str, bool]] = []

    def script(self, closer: str) -> None:
        """Commands up to ``closer`` or the end."""
        text, block = self.text, _Block()
        while self.at < len(text):
            char = text[self.at]
            if char in " \t\r" or text.startswith("\\\n", self.at):
                self.at += 2 if char == "\\" else 1
            elif char == "#":
                self.at = self.line_end()
            elif char == "\n":
                self._finish(block)
                self.at += 1
                self._skip_documents()
            elif char in ";&|":
                self._separator(block)
            elif char == "(":
                self._open(block)
            elif char == ")":
                self.at += 1
                if self._close(block, closer):
                    return
            elif char in "<>":
                self._redirection()
            else:
                self._put(block, self._word())
        self._finish(block)

    def _finish(self, block: _Block) -> None:
        if block.words:
            self._result.commands.append(block.words)
            block.words = []

    def _separator(self, block: _Block) -> None:
        text = self.text
        if text.startswith("&>", self.at):
            self.at += 1
            self._redirection()
            return
        self._finish(block)
        ends_arm = text.startswith((";;", ";&"), self.at)
        while self.at < len(text) and text[self.at] in ";&|":
            self.at += 1
        if ends_arm and block.cases:
            block.cases[-1] = "pattern"

    def _open(self, block: _Block) -> None:
        if block.in_pattern:
            self.at += 1
        elif not block.words and self.text.startswith("((", self.at):
            self.skip_arithmetic()
        elif len(block.words) == 1 and (end := re.compile(r"\(\s*\)").match(self.text, self.at)):
            self._result.functions.add(block.words.pop())
            self.at = end.end()
        else:
            self._finish(block)
            block.groups += 1
            self.at += 1

    def _close(self, block: _Block, closer: str) -> bool:
        """After a closing bracket; whether it ends the script."""
        if block.in_pattern:
            block.cases[-1] = "body"
            return False
        self._finish(block)
        if block.groups:
            block.groups -= 1
            return False
        return closer == ")"

    def _put(self, block: _Block, word: str) -> None:
        self._result.words.append(word)
        if block.cases and block.cases[-1] == "subject":
            block.cases[-1] = "pattern" if word == "in" else "subject"
        elif word == "esac" and block.cases and not block.words:
            block.cases.pop()
        elif block.in_pattern:
            pass
        elif block.words:
            block.words.append(word)
        else:
            self._begin(block, word)

    def _begin(self, block: _Block, word: str) -> None:
        """A word where a command may stand."""
        if word == "case":
            block.cases.append("subject")
        elif word in ("for", "select"):
            block.words.append("\0")
        elif word == "function":
            self.skip_blanks()
            self._result.functions.add(self._word())
        elif _ASSIGNMENT.match(word):
            if word.endswith("=") and self.text.startswith("(", self.at):
                self._skip_array()
        elif word not in _PASSED:
            block.words.append(word)

    def _redirection(self) -> None:
        text = self.text
        if text.startswith(("<(", ">("), self.at):
            self.at += 2
            self._nested()
            return
        here = text.startswith("<<", self.at) and not text.startswith("<<<", self.at)
        while self.at < len(text) and text[self.at] in "<>&|-":
            self.at += 1
        dashed = here and text[self.at - 1] == "-"
        self.skip_blanks()
        if self.at < len(text) and text[self.at] not in "<>\n;&|()":
            target = self._word()
            if here:
                self._here.append((target, dashed))
            else:
                self._result.words.append(target)

    def _skip_documents(self) -> None:
        """Pass over here-documents, which begin after the line that announces them."""
        for delimiter, dashed in self._here:
            while self.at < len(self.text):
                end = self.line_end()
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if dashed else line) == delimiter:
                    break
        self._here.clear()

    def _word(self) -> str:
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
                parts.append(self._quoted())
            elif char in "$`":
                parts.append(self._expansion())
            else:
                break
        if self.at == start:
            self.at += 1  # never stand still
        return "".join(parts)

    def _quoted(self) -> str:
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
                parts.append(self._expansion())
        self.at += 1
        return "".join(parts)

    def _expansion(self) -> str:
        """At ``$`` or a backtick."""
        text = self.text
        if text[self.at] == "`":
            inner = self.until("`").replace("\\`", "`")
            if self._depth < _DEEPEST:
                _Reader(inner, self._result, self._depth + 1).script("")
            return "\0"
        self.at += 1
        if text.startswith("((", self.at):
            self.skip_arithmetic()
        elif text.startswith("(", self.at):
            self.at += 1
            self._nested()
        elif text.startswith("{", self.at):
            self._braces()
        elif text.startswith("'", self.at):
            return self.until("'")
        elif text.startswith('"', self.at):
            return self._quoted()
        elif name := _VARIABLE.match(text, self.at):
            self.at = name.end()
        else:
            return "$"
        return "\0"

    def _nested(self) -> None:
        """After an opening bracket: the commands up to its closing one."""
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        self.script(")")
        self._depth -= 1

    def _braces(self) -> None:
        text, start = self.text, self.at + 1
        self.at += 1
        while self.at < len(text) and text[self.at] != "}":
            char = text[self.at]
            if char == "\\":
                self.at += 2
            elif char == "'":
                self.until("'")
            elif char == '"' and self._depth < _DEEPEST:
                self._quoted()
            elif char in "$`" and self._depth < _DEEPEST:
                self._depth += 1
                self._expansion()
                self._depth -= 1
            else:
                self.at += 1
        self._result.words.append(text[start : self.at])
        self.at += 1

    def _skip_array(self) -> None:
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at].isspace():
                self.at += 1
            else:
                self._result.words.append(self._word())
        self.at += 1


class _Block:
    """What one level of commands is in the middle of."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.cases: list[str] = []
        self.groups = 0

    @property
    def in_pattern(self) -> bool:
        return bool(self.cases) and self.cases[-1] == "pattern"
