"""Composer's cache stays in the layer.

What: `composer install`, `require` or `create-project` in a stage that is shipped, without `--no-cache` or a cache
mount, and no `composer clear-cache` (nor a removal of the cache) behind it in the same RUN.
Why: Composer keeps each package as the archive it came in, beside `vendor`.
Bad:
    FROM php:8.3-cli
    RUN composer install --no-dev
Good:
    FROM php:8.3-cli
    RUN composer install --no-dev && composer clear-cache
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it. Provable inside `sh -c`
and where the command may not have run.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import COMPOSER
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="composer-cache",
    title="Composer's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(COMPOSER),
    page=__doc__ or "",
)
