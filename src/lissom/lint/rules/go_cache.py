"""Go's modules and build cache stay in the layer.

What: `go build`, `go install`, `go mod download` and their like in a stage that is shipped, without cache mounts, and
neither `go clean -cache` or `-modcache` nor a removal of the caches behind it in the same RUN.
Why: sources of all modules and all compiled packages stay, several hundred MB; the program needs none of it.
Bad:
    FROM golang:1.22
    RUN go build -o /app .
Good:
    FROM golang:1.22
    RUN go build -o /app . && go clean -cache -modcache
Fix: safe (E1) when the command surely runs and nothing later in the file calls go; none when something does. Building
in a stage of its own saves the compiler too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import GO
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="go-cache",
    title="Go's modules and build cache stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(GO),
    page=__doc__ or "",
)
