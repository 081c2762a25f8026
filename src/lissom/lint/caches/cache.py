"""A cache as a value: who fills it, where it is, what keeps it empty, what clears it, what mends a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lissom.lint.caches.removal import clears
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import text_of

__all__ = ["Cache", "called"]

_NO = frozenset(("", "0", "false", "no", "off", "n", "f"))


def called(*forms: str) -> Callable[[Call], bool]:
    """Tells whether a call is one of some forms: "program", "program verb|verb" or "program verb word|word"."""
    wanted: dict[str, list[tuple[frozenset[str], ...]]] = {}
    for form in forms:
        program, *parts = form.split(" ")
        wanted.setdefault(program, []).append(tuple(frozenset(part.split("|")) for part in parts))

    def matches(call: Call) -> bool:
        found = wanted.get(call.program)
        if found is None:
            return False
        operands = [text_of(word) for word in call.operands]
        return any(
            len(operands) >= len(parts) and all(word in part for word, part in zip(operands, parts, strict=False))
            for parts in found
        )

    return matches


@dataclass(frozen=True)
class Cache:
    """A cache of a package manager.

    ``what`` names it in messages. ``paths`` are where it is, ``~`` for the home directory; who removes one of them
    clears it. ``flags`` and ``variables`` keep it empty; ``folders`` are variables that put it elsewhere.
    ``flag`` mends the command itself (behind the subcommand), ``command`` what is appended to the script.
    ``gone`` are globs of tree paths that a fix leaves out. ``needed`` tells that later commands fail without it;
    ``reader`` are calls that do. ``measured`` are the details of the ledger's rows that are its bytes.
    """

    what: str
    fills: Callable[[Call], bool]
    paths: tuple[str, ...]
    flags: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    clearing: Callable[[Call], bool] = field(default=lambda _call: False)
    flag: str = ""
    command: str = ""
    gone: tuple[str, ...] = ()
    needed: bool = False
    reader: Callable[[Call], bool] = field(default=lambda _call: False)
    off: Callable[[Call], bool] = field(default=lambda _call: False)
    """Calls that switch it off for all that follows."""
    any_value: bool = False
    """Whether a variable of ``variables`` counts with any value, a no too."""
    measured: tuple[str, ...] = ()

    def stays_empty(self, call: Call) -> bool:
        """Whether a call that would fill it is told not to."""
        if self.flags and call.has(*self.flags):
            return True
        for name in self.variables:
            if name in call.env:
                value = call.env[name]
                return value is None or self.any_value or value.strip("'\"").lower() not in _NO
        return False

    def places(self, call: Call) -> tuple[str, ...]:
        """Where it is for a call."""
        moved = tuple(value for name in self.folders if (value := call.env.get(name)))
        return moved or self.paths

    def clears(self, call: Call, places: Sequence[str]) -> bool:
        """Whether a call clears the cache where it is at ``places``."""
        return self.clearing(call) or any(clears(call, path) for path in places)
