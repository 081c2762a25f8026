"""What Maven downloaded stays in the layer.

What: `mvn` in a stage that is shipped, without a cache mount at `~/.m2`, and nothing behind it in the same RUN that
removes the repository.
Why: the archives of all dependencies and of all plugins stay, beside what was built from them.
Bad:
    FROM maven:3-eclipse-temurin-21
    RUN mvn package
Good:
    FROM maven:3-eclipse-temurin-21
    RUN mvn package && rm -rf ~/.m2/repository
Fix: safe (E1) when nothing later in the file calls Maven; none when something does. Building in a stage of its own
saves the JDK too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import MAVEN
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="maven-cache",
    title="What Maven downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(MAVEN),
    page=__doc__ or "",
)
