"""The packages that Hex downloaded stay in the layer.

What: `mix deps.get` in a stage that is shipped, and nothing behind it in the same RUN that clears `~/.hex`.
Why: packages stay beside what was unpacked and built from them.
Bad:
    FROM elixir:1.17
    RUN mix deps.get
Good:
    FROM elixir:1.17
    RUN mix deps.get && rm -rf ~/.hex/packages
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it. None when something later
calls mix.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import HEX
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="hex-cache",
    title="The packages that Hex downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(HEX),
    page=__doc__ or "",
)
