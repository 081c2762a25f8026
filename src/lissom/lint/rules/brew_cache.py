"""What Homebrew downloaded stays in the layer.

What: a `brew install` in a stage that is shipped, and neither `brew cleanup` nor a removal of its cache behind it in
the same RUN.
Why: the bottles stay beside what was unpacked from them.
Bad:
    FROM homebrew/brew
    RUN brew install jq
Good:
    FROM homebrew/brew
    RUN brew install jq && rm -rf ~/.cache/Homebrew
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import BREW
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="brew-cache",
    title="What Homebrew downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(BREW),
    page=__doc__ or "",
)
