"""What comments of a Dockerfile say about rules: ignore one for the next instruction, or for the whole file.

``# lissom ignore=CODE,CODE`` stands before an instruction or inside it, ``# lissom global ignore=CODE`` anywhere; the
same with ``hadolint`` and its codes. docker's directive ``# check=skip=NAME,NAME;error=true`` holds for its own checks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from lissom.dockerfile.syntax import Comment, Dockerfile, Instruction
from lissom.lint.rule import Rule

__all__ = ["Ignores"]

_COMMENT = re.compile(
    r"^[ \t]*#+[ \t]*(?:lissom|hadolint)[ \t]+(global[ \t]+)?ignore[ \t]*=[ \t]*([A-Za-z0-9_,\t -]+)", re.MULTILINE
)
_OTHERS = re.compile(r"(DL|SC)[0-9]+")


@dataclass(frozen=True)
class Ignores:
    """The names that are ignored in the whole file, and those by instruction; ``starts`` are the places of these.

    ``checks`` are docker's checks to skip (``all``: every one), ``strict`` tells whether docker would fail for others.
    """

    everywhere: frozenset[str]
    starts: tuple[int, ...]
    by_instruction: tuple[frozenset[str], ...]
    checks: frozenset[str]
    strict: bool

    @classmethod
    def of(cls, dockerfile: Dockerfile) -> Ignores:
        """What the comments of a file say."""
        everywhere: set[str] = set()
        pending: set[str] = set()
        starts: list[int] = []
        found: list[frozenset[str]] = []
        for item in dockerfile.items:
            if not isinstance(item, (Comment, Instruction)):
                continue
            here: set[str] = set()
            for whole, names in _COMMENT.findall(dockerfile.source.cut(item.span)):
                (everywhere if whole else here).update(_names(names))
            pending |= here
            if isinstance(item, Instruction):
                starts.append(item.span.start)
                found.append(frozenset(pending))
                pending = set()
        checks, strict = _directive(dockerfile.directives.get("check", ""))
        return cls(frozenset(everywhere), tuple(starts), tuple(found), frozenset(checks), strict)

    def hides(self, rule: Rule, place: int) -> bool:
        """Whether what a rule finds at a place is ignored."""
        at = bisect_right(self.starts, place) - 1
        here = self.by_instruction[at] if at >= 0 else frozenset()
        own = {name.lower() for name in (rule.code, *rule.aliases)}
        if own & self.everywhere or own & here:
            return True
        checks = _checks(rule)
        return bool(checks) and ("all" in self.checks or bool(checks & self.checks))

    def raises(self, rule: Rule) -> bool:
        """Whether docker would fail for what a rule finds."""
        return self.strict and bool(_checks(rule))


def _names(text: str) -> Iterable[str]:
    return (name.lower() for name in re.split(r"[,\s]+", text) if name)


def _directive(text: str) -> tuple[set[str], bool]:
    checks: set[str] = set()
    strict = False
    for setting in text.split(";"):
        name, _, value = setting.strip().partition("=")
        if name.strip() == "skip":
            checks.update(_names(value))
        elif name.strip() == "error":
            strict = value.strip().lower() == "true"
    return checks, strict


def _checks(rule: Rule) -> set[str]:
    return {alias.lower() for alias in rule.aliases if not _OTHERS.fullmatch(alias)}
