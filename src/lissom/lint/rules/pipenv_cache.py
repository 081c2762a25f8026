"""pip's cache stays in the layer, filled by pipenv or pipx.

What: `pipenv install`, `pipenv sync` or `pipx install` in a stage that is shipped, without `PIP_NO_CACHE_DIR` in its
environment or a cache mount, and nothing behind it in the same RUN that clears `~/.cache/pip`.
Why: both let pip do the work, and pip keeps every wheel.
Bad:
    FROM python:3.12
    RUN pipenv install --system --deploy
Good:
    FROM python:3.12
    RUN pipenv install --system --deploy && rm -rf ~/.cache/pip ~/.cache/pipenv
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.python import PIPENV
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="pipenv-cache",
    title="pip's cache stays in the layer, filled by pipenv or pipx",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(PIPENV),
    page=__doc__ or "",
)
