"""pnpm's store stays in the layer.

What: `pnpm install` or `pnpm add` in a stage that is shipped, without a cache mount at pnpm's store, and neither
`pnpm store prune` nor a removal of the store behind it in the same RUN.
Why: `node_modules` holds links to the store, so that it weighs little as long as both are in one layer; where a later
step copies or changes the modules, every file is there twice.
Bad:
    FROM node:22
    RUN pnpm install --frozen-lockfile
Good:
    FROM node:22
    RUN --mount=type=cache,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile
Fix: none: what is linked to the store, the text does not tell.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.javascript import PNPM
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="pnpm-cache",
    title="pnpm's store stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(PNPM),
    page=__doc__ or "",
)
