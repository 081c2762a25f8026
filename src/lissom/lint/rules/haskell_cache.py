"""What Cabal or Stack downloaded and built stays in the layer.

What: `cabal build`, `cabal install`, `stack build` or `stack install` in a stage that is shipped, and nothing behind
it in the same RUN that removes `~/.cabal` or `~/.stack`.
Why: compilers, sources and objects stay: often more than 1 GB.
Bad:
    FROM haskell:9.6
    RUN stack install
Good:
    FROM haskell:9.6
    RUN stack install && rm -rf ~/.stack
Fix: none: programs may lie in the same directories. Build in a stage of its own and copy the program.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import HASKELL
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="haskell-cache",
    title="What Cabal or Stack downloaded and built stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(HASKELL),
    page=__doc__ or "",
)
