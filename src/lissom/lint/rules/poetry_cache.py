"""Poetry's cache stays in the layer.

What: `poetry install` (or add, update, sync) in a stage that is shipped, without `--no-cache`, and nothing behind it
in the same RUN that clears the cache. Virtual environments, which Poetry keeps below the same directory, are not
meant.
Why: Poetry keeps the archives of all packages beside what it installed.
Bad:
    FROM python:3.12
    RUN poetry install
Good:
    FROM python:3.12
    RUN poetry install --no-cache
Fix: provable: versions of Poetry before 1.2 do not know the option.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.python import POETRY
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="poetry-cache",
    title="Poetry's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(POETRY, doubt=lambda _left: "Poetry before 1.2 does not know the option"),
    page=__doc__ or "",
)
