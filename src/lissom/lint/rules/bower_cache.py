"""bower's cache stays in the layer.

What: `bower install` in a stage that is shipped, and nothing behind it in the same RUN that clears `~/.cache/bower`.
Why: every component is there twice.
Bad:
    FROM node:22
    RUN bower install --allow-root
Good:
    FROM node:22
    RUN bower install --allow-root && rm -rf ~/.cache/bower
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.javascript import BOWER
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="bower-cache",
    title="bower's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(BOWER),
    page=__doc__ or "",
)
