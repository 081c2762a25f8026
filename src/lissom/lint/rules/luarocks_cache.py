"""What LuaRocks downloaded stays in the layer.

What: `luarocks install` in a stage that is shipped, and nothing behind it in the same RUN that removes
`~/.cache/luarocks`.
Why: manifests and archives stay beside what was installed.
Bad:
    FROM debian:bookworm
    RUN luarocks install lpeg
Good:
    FROM debian:bookworm
    RUN luarocks install lpeg && rm -rf ~/.cache/luarocks
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import LUAROCKS
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="luarocks-cache",
    title="What LuaRocks downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(LUAROCKS),
    page=__doc__ or "",
)
