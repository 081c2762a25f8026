"""Every rule there is: each module beside this one that has a RULE, or RULES."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from lissom.lint import rules
from lissom.lint.rule import Rule

__all__ = ["RULES", "named"]


def _found() -> tuple[Rule, ...]:
    found: list[Rule] = []
    for module in iter_modules(rules.__path__):
        if module.name != "all":
            loaded = import_module(f"{rules.__name__}.{module.name}")
            found += getattr(loaded, "RULES", ())
            found += [loaded.RULE] if hasattr(loaded, "RULE") else []
    return tuple(sorted(found, key=lambda rule: rule.code))


RULES: tuple[Rule, ...] = _found()


def named(name: str) -> tuple[Rule, ...]:
    """The rules of a code, of another tool's code, or of a category; in any case. None: there is no such name."""
    wanted = name.lower()
    return tuple(
        rule
        for rule in RULES
        if wanted in (rule.code, rule.category.value) or any(wanted == alias.lower() for alias in rule.aliases)
    )
