"""npm's cache stays in the layer.

What: `npm install`, `npm ci` or `npx` in a stage that is shipped, without a cache mount at `~/.npm`, and neither `npm
cache clean` nor a removal of `~/.npm` behind it in the same RUN.
Why: npm keeps each package as the archive it came in, beside `node_modules`.
Bad:
    FROM node:22
    RUN npm install
Good:
    FROM node:22
    RUN npm install && rm -rf ~/.npm/_*
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it. It removes what npm keeps
there by name, as other things may be beside it, and does not call `npm cache clean --force`, which writes a log into
it. None where a later npm works offline, a container starts with npx, or npm runs as somebody else (`sudo`); provable
inside `sh -c`.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.javascript import NPM
from lissom.lint.caches.left import Left
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]


def _doubt(left: Left) -> str:
    moved = any(name in left.call.env for name in NPM.folders)
    return "the cache is elsewhere, and what else is at that place the text does not tell" if moved else ""


RULE = Rule(
    code="npm-cache",
    title="npm's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(NPM, doubt=_doubt),
    page=__doc__ or "",
)
