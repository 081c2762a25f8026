"""``--chmod``: an octal mode, or symbolic changes such as ``u=rwX,go=rX``."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Mode"]

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)")
_ACTION = re.compile(r"([-+=])([ugo](?![rwxXst])|[rwxXst]*)")
_SHIFT = {"u": 6, "g": 3, "o": 0}
_SPECIAL = {"u": 0o4000, "g": 0o2000, "o": 0o1000}


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode or a change of modes; ``apply`` gives the 12 bits that a file gets."""

    octal: int | None
    clauses: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Mode:
        """Read the value of the flag. Raises ValueError with the cause."""
        if re.fullmatch(r"[0-7]+", text):
            if int(text, 8) > 0o7777:
                raise ValueError("an octal mode is between 0 and 07777")
            return cls(int(text, 8))
        if re.fullmatch(r"\d+", text):
            raise ValueError("an octal mode has the digits 0 to 7")
        clauses: list[tuple[str, str]] = []
        for clause in text.split(","):
            match = _CLAUSE.fullmatch(clause)
            if match is None:
                raise ValueError("write an octal mode, as 0644, or changes, as u=rwX,go=rX")
            clauses.append((match[1], match[2]))
        return cls(None, tuple(clauses))

    def apply(self, mode: int, *, directory: bool) -> int:
        """The new mode of something whose mode was ``mode``."""
        if self.octal is not None:
            return self.octal
        for who, actions in self.clauses:
            classes = "ugo" if not who or "a" in who else who
            for action, what in _ACTION.findall(actions):
                mode = _changed(mode, classes, action, what, directory=directory)
        return mode


def _changed(mode: int, classes: str, action: str, what: str, *, directory: bool) -> int:
    bits = 0
    for name in dict.fromkeys(classes):
        bits |= _permissions(mode, what, directory=directory) << _SHIFT[name]
        if "s" in what and name in "ug":
            bits |= _SPECIAL[name]
    if "t" in what:
        bits |= 0o1000
    if action == "+":
        return mode | bits
    if action == "-":
        return mode & ~bits
    cleared = 0
    for name in classes:
        cleared |= 7 << _SHIFT[name]
        if not directory and name in "ug":
            cleared |= _SPECIAL[name]
    return (mode & ~cleared) | bits


def _permissions(mode: int, what: str, *, directory: bool) -> int:
    if what in _SHIFT:
        return mode >> _SHIFT[what] & 7
    bits = 0
    for letter in what:
        if letter == "X":
            bits |= 1 if directory or mode & 0o111 else 0
        else:
            bits |= {"r": 4, "w": 2, "x": 1}.get(letter, 0)
    return bits
