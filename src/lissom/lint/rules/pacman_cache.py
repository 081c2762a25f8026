"""The packages that pacman downloaded stay in the layer.

What: a `pacman -S` in a stage that is shipped, and no `pacman -Scc` (nor a removal of `/var/cache/pacman/pkg`, nor a
cache mount there) behind it in the same RUN.
Why: every package stays as the archive it came in, beside what was unpacked from it.
Bad:
    FROM archlinux:latest
    RUN pacman -Syu --noconfirm git
Good:
    FROM archlinux:latest
    RUN pacman -Syu --noconfirm git && rm -rf /var/cache/pacman/pkg/*
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it. It removes the files
itself: `pacman -Scc --noconfirm` answers its own question with no.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import PACMAN
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="pacman-cache",
    title="The packages that pacman downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(PACMAN),
    page=__doc__ or "",
)
