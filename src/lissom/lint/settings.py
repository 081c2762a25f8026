"""Which rules are wanted, how bad what they find is, and from where on that is a failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lissom.dockerfile.fault import nearest
from lissom.errors import UsageError
from lissom.lint.rule import Category, Finding, Rule, Severity
from lissom.lint.rules.all import RULES

__all__ = ["NEVER", "Settings", "check_name", "severity_named"]

NEVER = "never"

_GROUPS = ("all", "default")
_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True)
class Settings:
    """Names are codes, other tools' codes, categories, ``default`` or ``all``. ``fail_on`` None: nothing fails.

    ``of_rules`` are what rules themselves ask for: ``allowed-registries``, and a table for a rule by its code.
    """

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: Severity | None = Severity.WARNING
    of_rules: Mapping[str, object] = field(default_factory=dict)

    def changed(
        self,
        *,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        severity: Iterable[str] = (),
        fail_on: str | None = None,
    ) -> Settings:
        """These settings with flags on top: ``select`` takes the place of what there was, the others add to it.

        ``severity`` are texts such as ``apt-lists=error``. Raises UsageError.
        """
        chosen = tuple(name for text in select for name in _split(text))
        ignored = tuple(name for text in ignore for name in _split(text))
        for name in (*chosen, *ignored):
            check_name(name)
        levels = dict(self.severity)
        for text in severity:
            name, _, level = text.partition("=")
            check_name(name)
            levels[name.lower()] = severity_named(level)
        return replace(
            self,
            select=chosen or self.select,
            ignore=(*self.ignore, *ignored),
            severity=levels,
            fail_on=self.fail_on if fail_on is None else None if fail_on == NEVER else severity_named(fail_on),
        )

    def wants(self, rule: Rule) -> bool:
        """Whether a rule is looked at."""
        names = _names(rule)
        return any(name.lower() in names for name in self.select) and not any(
            name.lower() in names for name in self.ignore
        )

    def severity_of(self, rule: Rule) -> Severity | None:
        """The severity that these settings give a rule; a code beats a category."""
        fitting = [name for name in self.severity if name in _names(rule)]
        exact = [name for name in fitting if name == rule.code] or fitting
        return self.severity[exact[-1]] if exact else None

    def fails(self, findings: Iterable[Finding]) -> bool:
        """Whether one of the findings is as bad as ``fail_on`` or worse."""
        least = self.fail_on
        return least is not None and any(_RANKS[one.severity] >= _RANKS[least] for one in findings)


def severity_named(text: str) -> Severity:
    """The severity of a name. Raises UsageError."""
    try:
        return Severity(text.lower())
    except ValueError:
        known = ", ".join(one.value for one in Severity)
        raise UsageError(f"there is no severity `{text}`", hint=f"severities are {known}") from None


def _names(rule: Rule) -> set[str]:
    names = {rule.code, rule.category.value, "all", *(alias.lower() for alias in rule.aliases)}
    return names | {"default"} if rule.default else names


def _split(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def check_name(name: str) -> None:
    """UsageError if no rule has that name. Codes of hadolint that no rule covers are fine: they find nothing."""
    lower = name.lower()
    if re.fullmatch(r"(dl|sc)[0-9]{4}", lower) or any(lower in _names(rule) for rule in RULES):
        return
    known = {*_GROUPS, *(one.value for one in Category), *(rule.code for rule in RULES)}
    guess = nearest(lower, known)
    hint = f"did you mean `{guess}`?" if guess else "`lissom lint --rules` lists the rules"
    raise UsageError(f"there is no rule `{name}`", hint=hint)
