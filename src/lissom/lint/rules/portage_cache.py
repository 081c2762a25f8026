"""The sources that emerge downloaded stay in the layer.

What: an `emerge` in a stage that is shipped, and nothing that clears `/var/cache/distfiles` behind it in the same
RUN.
Why: the source archives of all that was built are of no use in the image.
Bad:
    FROM gentoo/stage3
    RUN emerge --quiet dev-vcs/git
Good:
    FROM gentoo/stage3
    RUN emerge --quiet dev-vcs/git && rm -rf /var/cache/distfiles/*
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import PORTAGE
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="portage-cache",
    title="The sources that emerge downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(PORTAGE),
    page=__doc__ or "",
)
