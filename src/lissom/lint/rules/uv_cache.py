"""uv's cache stays in the layer.

What: `uv sync`, `uv pip install`, `uv add` or `uv tool install` in a stage that is shipped, without `--no-cache`,
`UV_NO_CACHE` or a cache mount at `~/.cache/uv`, and nothing behind it in the same RUN that clears the cache.
Why: uv keeps all that it downloads; where it cannot link from its cache, every file is there twice.
Bad:
    FROM python:3.12
    RUN uv pip install --system flask==3.0.3
Good:
    FROM python:3.12
    RUN uv pip install --no-cache --system flask==3.0.3
Fix: provable: uv links packages to its cache, so that names of one file go with it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.python import UV
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="uv-cache",
    title="uv's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(UV, doubt=lambda _left: "uv links packages to its cache, and those names go"),
    page=__doc__ or "",
)
