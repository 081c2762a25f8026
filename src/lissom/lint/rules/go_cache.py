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
Fix: safe (E1) on an image of Go since 1.11 when the command surely runs and nothing later in the file calls go; none
when something does, else provable. Building in a stage of its own saves the compiler too.
"""

from __future__ import annotations

import re

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import GO
from lissom.lint.caches.left import Left
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

_VERSION = re.compile(r"([0-9]+)\.([0-9]+)")


def _doubt(left: Left) -> str:
    base = left.stage.base
    version = _VERSION.match(base.tag)
    known = base.language == "go" and (not version or (int(version[1]), int(version[2])) >= (1, 11))
    return "" if known else "only Go since 1.11 knows -modcache"


RULE = Rule(
    code="go-cache",
    title="Go's modules and build cache stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(GO, doubt=_doubt),
    page=__doc__ or "",
)
