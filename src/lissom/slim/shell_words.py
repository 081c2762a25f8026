"""Simple commands of a shell script as lists of words, found in one pass; what the shell would expand is ``\\0``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Reading", "read_commands"]

_PASSED = frozenset(("if", "then", "elif", "else", "do", "while", "until", "!", "{", "}", "fi", "done"))
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


class _Reader:
    def __init__(self, text: str, result: Reading, depth: int) -> None:
        self._text = text
        self._result = result
        self._depth = depth
        self._at = 0
        self._here: list[tuple[str, bool]] = []

    def script(self, closer: str) -> None:
        """Commands up to ``closer`` or the end."""
        text, block = self._text, _Block()
        while self._at < len(text):
            char = text[self._at]
            if char in " \t\r" or text.startswith("\\\n", self._at):
                self._at += 2 if char == "\\" else 1
            elif char == "#":
                self._at = self._line_end()
            elif char == "\n":
                self._finish(block)
                self._at += 1
                self._skip_documents()
            elif char in ";&|":
                self._separator(block)
            elif char == "(":
                self._open(block)
            elif char == ")":
                self._at += 1
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
        text = self._text
        if text.startswith("&>", self._at):
            self._at += 1
            self._redirection()
            return
        self._finish(block)
        ends_arm = text.startswith((";;", ";&"), self._at)
        while self._at < len(text) and text[self._at] in ";&|":
            self._at += 1
        if ends_arm and block.cases:
            block.cases[-1] = "pattern"

    def _open(self, block: _Block) -> None:
        if block.in_pattern:
            self._at += 1
        elif not block.words and self._text.startswith("((", self._at):
            self._skip_arithmetic()
        elif len(block.words) == 1 and (end := re.compile(r"\(\s*\)").match(self._text, self._at)):
            self._result.functions.add(block.words.pop())
            self._at = end.end()
        else:
            self._finish(block)
            block.groups += 1
            self._at += 1

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
            self._skip_blanks()
            self._result.functions.add(self._word())
        elif _ASSIGNMENT.match(word):
            if word.endswith("=") and self._text.startswith("(", self._at):
                self._skip_array()
        elif word not in _PASSED:
            block.words.append(word)

    def _redirection(self) -> None:
        text = self._text
        if text.startswith(("<(", ">("), self._at):
            self._at += 2
            self._nested()
            return
        here = text.startswith("<<", self._at) and not text.startswith("<<<", self._at)
        while self._at < len(text) and text[self._at] in "<>&|-":
            self._at += 1
        dashed = here and text[self._at - 1] == "-"
        self._skip_blanks()
        if self._at < len(text) and text[self._at] not in "<>\n;&|()":
            target = self._word()
            if here:
                self._here.append((target, dashed))
            else:
                self._result.words.append(target)

    def _skip_documents(self) -> None:
        """Pass over here-documents, which begin after the line that announces them."""
        for delimiter, dashed in self._here:
            while self._at < len(self._text):
                end = self._line_end()
                line = self._text[self._at : end]
                self._at = end + 1
                if (line.lstrip("\t") if dashed else line) == delimiter:
                    break
        self._here.clear()

    def _word(self) -> str:
        text, parts = self._text, list[str]()
        start = self._at
        while self._at < len(text):
            plain = _PLAIN.match(text, self._at)
            if plain:
                parts.append(plain[0])
                self._at = plain.end()
                continue
            char = text[self._at]
            if char == "\\":
                parts.append(text[self._at + 1 : self._at + 2].replace("\n", ""))
                self._at += 2
            elif char == "'":
                parts.append(self._until("'"))
            elif char == '"':
                parts.append(self._quoted())
            elif char in "$`":
                parts.append(self._expansion())
            else:
                break
        if self._at == start:
            self._at += 1  # never stand still
        return "".join(parts)

    def _quoted(self) -> str:
        text, parts = self._text, list[str]()
        self._at += 1
        while self._at < len(text) and text[self._at] != '"':
            plain = _IN_QUOTES.match(text, self._at)
            if plain:
                parts.append(plain[0])
                self._at = plain.end()
            elif text[self._at] == "\\":
                parts.append(text[self._at + 1 : self._at + 2])
                self._at += 2
            else:
                parts.append(self._expansion())
        self._at += 1
        return "".join(parts)

    def _expansion(self) -> str:
        """At ``$`` or a backtick."""
        text = self._text
        if text[self._at] == "`":
            inner = self._until("`").replace("\\`", "`")
            if self._depth < _DEEPEST:
                _Reader(inner, self._result, self._depth + 1).script("")
            return "\0"
        self._at += 1
        if text.startswith("((", self._at):
            self._skip_arithmetic()
        elif text.startswith("(", self._at):
            self._at += 1
            self._nested()
        elif text.startswith("{", self._at):
            self._braces()
        elif text.startswith("'", self._at):
            return self._until("'")
        elif text.startswith('"', self._at):
            return self._quoted()
        elif name := _VARIABLE.match(text, self._at):
            self._at = name.end()
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
        text, start = self._text, self._at + 1
        self._at += 1
        while self._at < len(text) and text[self._at] != "}":
            char = text[self._at]
            if char == "\\":
                self._at += 2
            elif char == "'":
                self._until("'")
            elif char == '"' and self._depth < _DEEPEST:
                self._quoted()
            elif char in "$`" and self._depth < _DEEPEST:
                self._depth += 1
                self._expansion()
                self._depth -= 1
            else:
                self._at += 1
        self._result.words.append(text[start : self._at])
        self._at += 1

    def _until(self, quote: str) -> str:
        """The text up to the next ``quote`` after the one here."""
        start = self._at + (2 if self._text[self._at] == "$" else 1)
        end = start
        while (end := self._text.find(quote, end)) >= 0 and quote == "`" and self._text[end - 1] == "\\":
            end += 1
        end = len(self._text) if end < 0 else end
        self._at = end + 1
        return self._text[start:end]

    def _skip_arithmetic(self) -> None:
        depth = 0
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return

    def _skip_array(self) -> None:
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at].isspace():
                self._at += 1
            else:
                self._result.words.append(self._word())
        self._at += 1

    def _skip_blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \t":
            self._at += 1

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end


class _Block:
    """What one level of commands is in the middle of."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.cases: list[str] = []
        self.groups = 0

    @property
    def in_pattern(self) -> bool:
        return bool(self.cases) and self.cases[-1] == "pattern"
