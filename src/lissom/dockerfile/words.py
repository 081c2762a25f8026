"""How an instruction's line falls into words; each word comes with its place in the line."""

from __future__ import annotations

import json
import re
from typing import NamedTuple, NoReturn

from lissom.dockerfile.expand import SPACE

__all__ = ["NotStringsError", "Word", "fields", "flags_of", "json_array", "keyword_of", "quoted_words"]

_FIELD = re.compile(r"[^\t\v\f\r ]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = frozenset(SPACE)


class Word(NamedTuple):
    """A word and the characters of the line that it was read from."""

    text: str
    start: int
    end: int


class NotStringsError(ValueError):
    """A JSON array holds something that is no string."""


def keyword_of(line: str) -> Word:
    """The first word of a line, as written."""
    start = len(line) - len(line.lstrip(SPACE))
    match = _FIELD.match(line.rstrip(SPACE), start)
    return Word(match.group(), start, match.end()) if match else Word("", start, start)


def fields(line: str, start: int) -> list[Word]:
    """The words between blanks from ``start`` on; quotes mean nothing."""
    end = len(line.rstrip(SPACE))
    return [Word(match.group(), match.start(), match.end()) for match in _FIELD.finditer(line, start, max(end, start))]


def flags_of(line: str, start: int) -> tuple[list[Word], int]:
    """The leading ``--flags`` (quotes and backslashes removed) and where the arguments begin; ``--`` ends the flags."""
    flags: list[Word] = []
    end = len(line.rstrip(SPACE))
    at = start
    while True:
        while at < end and line[at] in _SPACES:
            at += 1
        if not line.startswith("--", at) or at >= end:
            return flags, min(at, end)
        begin = at
        text, at = _flag(line, at, end)
        if text == "--":
            return flags, at
        flags.append(Word(text, begin, at))


def _flag(line: str, at: int, end: int) -> tuple[str, int]:
    out: list[str] = []
    quote = ""
    while at < end:
        char = line[at]
        if not quote and char in _SPACES:
            break
        at += 1
        if char == "\\":
            out.append(line[at : min(at + 1, end)])
            at += 1
        elif quote:
            if char == quote:
                quote = ""
            else:
                out.append(char)
        elif char in "'\"":
            quote = char
        else:
            out.append(char)
    return "".join(out), min(at, end)


def quoted_words(line: str, start: int, escape: str) -> list[Word]:
    """The words from ``start`` on; spaces inside quotes or behind an escape do not split. Quotes stay in the words."""
    words: list[Word] = []
    end = len(line.rstrip(SPACE))
    at = start
    while at < end:
        if line[at] in _SPACES:
            at += 1
            continue
        word, at = _quoted_word(line, at, end, escape)
        if word.text:
            words.append(word)
    return words


def _quoted_word(line: str, at: int, end: int, escape: str) -> tuple[Word, int]:
    begin = at
    out: list[str] = []
    quote = ""
    while at < end:
        char = line[at]
        if not quote and char in _SPACES:
            break
        at += 1
        if char == escape and quote != "'":
            if at < end:  # an escape that ends the line is dropped
                out += (char, line[at])
            at += 1
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        out.append(char)
    at = min(at, end)
    return Word("".join(out), begin, at), at


def json_array(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array; None if the text is no JSON array; NotStringsError if it holds anything else."""
    if not text.lstrip(SPACE).startswith("["):
        return None
    try:
        values = json.loads(text.strip(SPACE), parse_constant=_refuse, parse_int=float)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(value, str) for value in values):
        raise NotStringsError
    return tuple(_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value) if "\\" in text else value for value in values)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
