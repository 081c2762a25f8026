"""What sbt downloaded stays in the layer.

What: `sbt` in a stage that is shipped, and nothing behind it in the same RUN that clears `~/.ivy2` or Coursier's
cache.
Why: the archives of all dependencies and plugins stay, beside what was built from them.
Bad:
    FROM eclipse-temurin:21
    RUN sbt assembly
Good:
    FROM eclipse-temurin:21
    RUN sbt assembly && rm -rf ~/.ivy2/cache ~/.cache/coursier
Fix: provable: a build may have put paths of the cache into what it made.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import SBT
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="sbt-cache",
    title="What sbt downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(SBT, doubt=lambda _left: "what was built may name paths of the cache"),
    page=__doc__ or "",
)
