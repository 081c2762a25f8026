"""bun's cache stays in the layer.

What: `bun install` or `bun add` in a stage that is shipped, without a cache mount at `~/.bun/install/cache`, and
nothing behind it in the same RUN that clears it.
Why: packages are there twice where bun cannot link them.
Bad:
    FROM oven/bun:1
    RUN bun install
Good:
    FROM oven/bun:1
    RUN bun install && rm -rf ~/.bun/install/cache
Fix: provable: bun links packages to its cache, so that names of one file go with it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.javascript import BUN
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="bun-cache",
    title="bun's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(BUN, doubt=lambda _left: "bun links packages to its cache, and those names go"),
    page=__doc__ or "",
)
