"""What the CPAN client left stays in the layer.

What: `cpanm` or `cpan` in a stage that is shipped, and nothing behind it in the same RUN that removes `~/.cpanm` or
`~/.cpan`.
Why: archives, unpacked sources and logs of all modules stay.
Bad:
    FROM perl:5.40
    RUN cpanm Mojolicious
Good:
    FROM perl:5.40
    RUN cpanm Mojolicious && rm -rf ~/.cpanm ~/.cpan
Fix: safe (E1): only the cache is missing after it, and nothing later in the file reads it.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import CPAN
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="cpan-cache",
    title="What the CPAN client left stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(CPAN),
    page=__doc__ or "",
)
