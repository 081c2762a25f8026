"""The built image shows waste that the text does not.

What: with an image that was built of the file, what its ledger calls waste and no other rule found on those lines:
documentation and locales that packages bring, debugging symbols, content that is stored twice, packages that nothing at
run time reaches, leftovers of installers. Rows of less than 100 kB for a line are left out. Without an image, only the
one case is told that the text gives away: a RUN that writes large files of zeros.
Why: the text says what is called, the image what came of it.
Bad:
    FROM debian:bookworm-slim
    RUN dd if=/dev/zero of=/var/swap bs=1M count=512
Good:
    FROM debian:bookworm-slim
    RUN true
Fix: none: what is shown has many causes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Instruction
from lissom.lint.calls.reading import calls_of
from lissom.lint.lineage import steps_below
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Shown, Subject
from lissom.lint.waste_shown import rows_of
from lissom.lint.wording import and_more, line_of

__all__ = ["RULE"]

_LEAST = 100_000
_MUCH = 1_000_000
_WORDS = {
    "overwritten": "files that a later line stores again",
    "rewritten": "files that a later line stores again for their mode or owner",
    "deleted": "files that a later line removes",
    "secret": "what looks like a secret",
    "duplicate": "content that is there already",
    "package_lists": "package managers' lists and caches",
    "language_cache": "caches",
    "vcs": "version control data",
    "build_tools": "tools that only build",
    "debug": "debugging symbols, headers or static libraries",
    "docs": "documentation and locales",
    "junk": "logs and leftovers",
    "unreached": "packages that nothing at run time reaches",
}
_BUILD = ("build-tools", "single-stage", "fat-base", "debug-build")
_EXPLAINED = {
    "overwritten": ("rewritten", "join-runs", "late-removal", "cache-order"),
    "rewritten": ("rewritten",),
    "deleted": ("deleted-later", "late-removal", "unpack-with-add"),
    "duplicate": ("duplicate-copy", "download-left", "whole-stage"),
    "vcs": ("git-history", "dockerignore"),
    "build_tools": _BUILD,
    "debug": _BUILD,
    "junk": ("dockerignore",),
    "unreached": ("tools-left", "no-recommends", *_BUILD),
}
_HINTS = frozenset(("unreached", "docs"))


def _check(subject: Subject) -> Iterator[Found]:
    if not subject.shown:
        yield from _zeros(subject)
        return
    codes = _codes_by_line(subject)
    for instruction, rows in rows_of(subject, _LEAST):
        if not _explained(subject, instruction, rows, codes):
            yield _found(subject, instruction, rows)


def _found(subject: Subject, instruction: Instruction, rows: list[Shown]) -> Found:
    size = sum(row.size for row in rows)
    kind = rows[0].kind
    details = [row.detail for row in rows if row.detail]
    what = _WORDS.get(kind, kind) + (f" ({', '.join(dict.fromkeys(details))})" if details else "")
    paths = and_more("/" + path.strip("/") for row in rows for path in row.paths)
    message = f"this layer holds {what}" + (f": {paths}" if paths else "")
    severity = Severity.INFO if size < _MUCH or kind in _HINTS else None
    return Found(first_line(subject.dockerfile, instruction), message, None, size, severity)


def _codes_by_line(subject: Subject) -> dict[int, set[str]]:
    """Which other rules found something on which lines."""
    found: dict[int, set[str]] = {}
    for rule in import_module("lissom.lint.rules.all").RULES:
        if rule.code != RULE.code:
            for one in rule.check(subject):
                for line in range(line_of(subject, one.span), line_of(subject, Span(one.span.end, one.span.end)) + 1):
                    found.setdefault(line, set()).add(rule.code)
    return found


def _explained(subject: Subject, instruction: Instruction, rows: list[Shown], codes: dict[int, set[str]]) -> bool:
    kind = rows[0].kind
    places = [subject.lines(instruction), *(row.hidden_by for row in rows if row.hidden_by)]
    there = {code for first, last in places for line in range(first, last + 1) for code in codes.get(line, ())}
    if kind in ("package_lists", "language_cache"):
        return any(code.endswith(("-cache", "-lists", "-archives")) for code in there)
    if kind == "secret":
        return any("secret" in code for code in there)
    return bool(there.intersection(_EXPLAINED.get(kind, ())))


def _zeros(subject: Subject) -> Iterator[Found]:
    for step in steps_below(subject, subject.final):
        for call in calls_of(step):
            if call.program == "fallocate" or (call.program == "dd" and "if=/dev/zero" in call.args):
                yield Found(call.span, "a file of zeros is stored in this layer", severity=Severity.INFO)


RULE = Rule(
    code="measured-waste",
    title="The built image shows waste that the text does not",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
