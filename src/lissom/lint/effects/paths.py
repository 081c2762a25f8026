"""Paths as texts: absolute, clean, perhaps with globs and variables of unknown value."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from lissom.dockerfile.shell.script import Word

__all__ = ["covers", "flat", "joined", "overlap", "parent", "plain", "within"]

_LONGEST = 4096
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def joined(directory: str, path: str) -> str:
    """``path`` seen from ``directory``, without ``.``, ``..`` and double slashes.

    What begins with an unknown variable may be absolute or not: it stands for itself.
    """
    if path == "~" or path.startswith("~/"):
        path = "${HOME}" + path[1:]
    rooted = path.startswith(("/", "${"))
    parts: list[str] = []
    for part in (path if rooted else f"{directory}/{path}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    text = "/".join(parts)
    return text if text.startswith("${") else "/" + text


def parent(path: str) -> str:
    """The directory that holds ``path``."""
    return path.rpartition("/")[0] or "/"


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def covers(pattern: str, path: str) -> bool:
    """Whether ``pattern`` names ``path`` or a directory above it."""
    wanted, parts = _parts(pattern), _parts(path)
    if len(wanted) > len(parts) or len(path) > _LONGEST:
        return False
    return all(a == b or (_wild(a) and fnmatchcase(b, a)) for a, b in zip(wanted, parts, strict=False))


def _wild(part: str) -> bool:
    return "*" in part or "?" in part or "[" in part


def within(path: str, directory: str) -> bool:
    """Whether ``path`` lies below ``directory`` and is not it."""
    return covers(directory, path) and len(_parts(path)) > len(_parts(directory))


def overlap(one: str, other: str) -> bool:
    """Whether one of them is the other or lies below it."""
    return covers(one, other) or covers(other, one)


def plain(path: str) -> bool:
    """Whether a path is known from the root, and is itself in a script or an instruction without quotes."""
    return path.startswith("/") and not any(char in path for char in " '\"\\;&|<>()$*?[")


def flat(word: Word, variables: Mapping[str, str | None]) -> str | None:
    """The word with quotes removed and variables put in; unknown ones stay as ``${NAME}``.

    None when it holds a command substitution or an expansion with an operator.
    """
    if word.value is not None:
        return word.value
    return _Flattening(word.text, variables).text()


class _Flattening:
    def __init__(self, raw: str, variables: Mapping[str, str | None]) -> None:
        self.raw = raw
        self.variables = variables
        self.at = 0

    def text(self) -> str | None:
        out: list[str] = []
        quote = ""
        while self.at < len(self.raw):
            char = self.raw[self.at]
            self.at += 1
            if char == "`" and quote != "'":
                return None
            if char in "'\"" and quote in ("", char):
                quote = "" if quote else char
            elif char == "\\" and quote != "'":
                out.append(self.raw[self.at : self.at + 1])
                self.at += 1
            elif char == "$" and quote != "'":
                value = self._variable()
                if value is None:
                    return None
                out.append(value)
            else:
                out.append(char)
        return "".join(out)

    def _variable(self) -> str | None:
        rest = self.raw[self.at :]
        braced = rest.startswith("{")
        end = 1 if braced else 0
        while end < len(rest) and rest[end] in _NAME:
            end += 1
        name = rest[1:end] if braced else rest[:end]
        if not name or (braced and rest[end : end + 1] != "}"):
            return None
        self.at += end + (1 if braced else 0)
        value = self.variables.get(name)
        return "${" + name + "}" if value is None else value
