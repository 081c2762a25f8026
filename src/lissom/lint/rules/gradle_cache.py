"""What Gradle downloaded and cached stays in the layer.

What: `gradle` or `gradlew` in a stage that is shipped, without a cache mount at `~/.gradle`, and nothing behind it in
the same RUN that clears it.
Why: distributions, dependencies and build caches stay, beside what was built from them.
Bad:
    FROM gradle:8-jdk21
    RUN gradle build
Good:
    FROM gradle:8-jdk21
    RUN gradle build && rm -rf ~/.gradle/caches ~/.gradle/daemon
Fix: provable: a Gradle daemon may still write when the files go. None when something later calls Gradle.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import GRADLE
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="gradle-cache",
    title="What Gradle downloaded and cached stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(GRADLE, doubt=lambda _left: "a Gradle daemon may still write when the files go"),
    page=__doc__ or "",
)
