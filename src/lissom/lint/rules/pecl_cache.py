"""What pecl downloaded and built stays in the layer.

What: `pecl install` in a stage that is shipped, and nothing behind it in the same RUN that removes `/tmp/pear`.
Why: sources and objects of each extension stay.
Bad:
    FROM php:8.3-cli
    RUN pecl install redis
Good:
    FROM php:8.3-cli
    RUN pecl install redis && rm -rf /tmp/pear
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import PECL
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="pecl-cache",
    title="What pecl downloaded and built stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(PECL),
    page=__doc__ or "",
)
