"""All rules over one Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.ignores import Ignores
from lissom.lint.rule import Finding, Rule, Severity
from lissom.lint.rules.all import RULES
from lissom.lint.settings import Settings
from lissom.lint.subject import Subject

__all__ = ["lint"]

_LONGEST = 400  # characters of a message


def lint(subject: Subject, settings: Settings | None = None) -> tuple[Finding, ...]:
    """What the rules find, in the order of the text. ``settings`` choose rules and severities, comments ignore some.

    What rules ask of settings is in the subject.
    """
    chosen = settings or Settings()
    ignores = Ignores.of(subject.dockerfile)
    found: dict[tuple[str, int, int, str], Finding] = {}
    for rule in RULES:
        if not chosen.wants(rule):
            continue
        for finding in _findings(rule, subject, chosen, ignores):
            found.setdefault((rule.code, *finding.span, finding.message), finding)
    return tuple(sorted(found.values(), key=lambda one: (one.span, one.rule.code, one.message)))


def _findings(rule: Rule, subject: Subject, settings: Settings, ignores: Ignores) -> Iterator[Finding]:
    for found in rule.check(subject):
        if ignores.hides(rule, found.span.start):
            continue
        severity = settings.severity_of(rule) or found.severity or rule.severity
        if ignores.raises(rule):
            severity = Severity.ERROR
        yield Finding(rule, found.span, _short(found.message), severity, found.fix, found.saves)


def _short(message: str) -> str:
    """A message that names a word of any length, fit to be shown."""
    return message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
