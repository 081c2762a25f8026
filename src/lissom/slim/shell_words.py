"""Simple commands of a shell script as lists of words, found in one pass; what the shell would expand is ``\\0``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lissom.slim.shell_word import DEEPEST, WordReader

__all__ = ["Reading", "read_commands"]

_PASSED = frozenset(("if", "then", "elif", "else", "do", "while", "until", "!", "{", "}", "fi", "done", "time"))
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")


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


class _Reader(WordReader):
    def __init__(self, text: str, result: Reading, depth: int) -> None:
        super().__init__(text, result.words, depth)
        self._result = result
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
                self._put(block, self.word())
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
        self.words.append(word)
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
            self._result.functions.add(self.word())
        elif _ASSIGNMENT.match(word):
            if word.endswith("=") and self.text.startswith("(", self.at):
                self._skip_array()
        elif word not in _PASSED:
            block.words.append(word)

    def _redirection(self) -> None:
        text = self.text
        if text.startswith(("<(", ">("), self.at):
            self.at += 2
            self.nested()
            return
        here = text.startswith("<<", self.at) and not text.startswith("<<<", self.at)
        while self.at < len(text) and text[self.at] in "<>&|-":
            self.at += 1
        dashed = here and text[self.at - 1] == "-"
        self.skip_blanks()
        if self.at < len(text) and text[self.at] not in "<>\n;&|()":
            target = self.word()
            if here:
                self._here.append((target, dashed))
            else:
                self.words.append(target)

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

    def commands_in(self, text: str) -> None:
        if self.depth < DEEPEST:
            _Reader(text, self._result, self.depth + 1).script("")

    def nested(self) -> None:
        """After an opening bracket: the commands up to its closing one."""
        if self.depth >= DEEPEST:
            return
        self.depth += 1
        self.script(")")
        self.depth -= 1

    def _skip_array(self) -> None:
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at].isspace():
                self.at += 1
            else:
                self.words.append(self.word())
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
