"""Commands of a shell script as far as they can be told without running it: words, variables, loops over words.

Conditions are not looked at: what stands in one is taken as done. What cannot be told (the output of a command, a part
of a variable) makes a word unknown, and an assignment of it none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

__all__ = ["commands"]

Word: TypeAlias = str | None
"""None is a word that only a shell could tell."""

_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1([^\n]*\n)(?:.*\n)*?[ \t]*\2(?=\n|\Z)")
_TOKEN = re.compile(
    r"(?P<space>(?:[ \t\r]|\\\n)+)|(?P<comment>#[^\n]*)|(?P<end>\n|;+|&&?|\|\|?|[()])"
    r"|(?P<word>(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s;&|()'\"\\]|['\"\\])+)",
    re.DOTALL,
)
_NAME = r"\$\{?(?P<name>[A-Za-z_]\w*)(?P<brace>\}?)"
_BARE = re.compile(
    rf"\\(?P<escaped>.)|'(?P<single>[^']*)'|\"(?P<double>(?:\\.|[^\"\\])*)\"|{_NAME}|(?P<plain>[^\\'\"$`]+)", re.DOTALL
)
_QUOTED = re.compile(rf"\\(?P<escaped>[$`\"\\\n])|{_NAME}|(?P<plain>[^\\$`]+|\\)", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_KEYWORDS = frozenset(("if", "then", "elif", "else", "do", "while", "until", "!", "{"))
_MOST_COMMANDS = 20_000


def commands(script: str) -> Iterator[list[Word]]:
    """Simple commands in the order of the script, those of a loop once for each of its words."""
    return _Reading().read(list(_simple(_HEREDOC.sub(r"\3", script))), {})


def _simple(script: str) -> Iterator[list[str]]:
    """Each command's words as they are written."""
    words: list[str] = []
    for token in _TOKEN.finditer(script):
        if token["end"]:
            if words:
                yield words
            words = []
        elif token["word"]:
            words.append(token["word"])
            if words[-1] in _KEYWORDS and len(words) == 1:
                yield words
                words = []
    if words:
        yield words


class _Reading:
    def __init__(self) -> None:
        self.left = _MOST_COMMANDS

    def read(self, found: Sequence[list[str]], values: dict[str, str]) -> Iterator[list[Word]]:
        at = 0
        while at < len(found) and self.left > 0:
            self.left -= 1
            words = found[at]
            at += 1
            if words[0] == "for" and words[2:3] == ["in"]:
                end = _end_of_loop(found, at)
                for item in _expanded(words[3:], values):
                    if item is not None:
                        values[words[1]] = item
                        yield from self.read(found[at:end], values)
                at = end
            elif all(_ASSIGNMENT.fullmatch(word) for word in words):
                for word in words:
                    name, _, text = word.partition("=")
                    value = _value(text, values)
                    if value is not None:
                        values[name] = value
            elif words[0] == "unset":
                for word in words[1:]:
                    values.pop(word, None)
            else:
                yield _expanded(words, values)


def _end_of_loop(found: Sequence[list[str]], at: int) -> int:
    depth = 1
    while at < len(found):
        depth += (found[at][0] in ("for", "while", "until")) - (found[at][0] == "done")
        if not depth:
            return at
        at += 1
    return at


def _expanded(words: Sequence[str], values: dict[str, str]) -> list[Word]:
    """Words with variables in place; one that is nothing but an unquoted variable may become several words or none."""
    result: list[Word] = []
    for word in words:
        value = _value(word, values)
        if value is not None and re.fullmatch(r"\$\{?\w+\}?", word):
            result += value.split()
        else:
            result.append(value)
    return result


def _value(word: str, values: dict[str, str], piece: re.Pattern[str] = _BARE) -> Word:
    """The text that ``word`` stands for; an unset variable is empty, as in a shell."""
    text, at = "", 0
    while at < len(word):
        found = piece.match(word, at)
        if found is None:
            return None
        at = found.end()
        parts = found.groupdict()
        if parts["name"]:
            if found[0].startswith("${") != bool(parts["brace"]):
                return None
            text += values.get(parts["name"], "")
        elif parts.get("double") is not None:
            inner = _value(parts["double"], values, _QUOTED)
            if inner is None:
                return None
            text += inner
        elif parts["escaped"] is not None:
            text += parts["escaped"].strip("\n")
        else:
            text += parts.get("single") or parts["plain"] or ""
    return text
