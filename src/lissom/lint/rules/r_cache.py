"""The packages of R that littler downloaded stay in the layer.

What: `install2.r` (also `installBioc.r`) in a stage that is shipped, and nothing behind it in the same RUN that removes
`/tmp/downloaded_packages`. `install.packages` in a session of R is not meant: its directory goes with the session.
Why: sources of all packages stay, beside what was installed from them.
Bad:
    FROM rocker/r-ver:4.4
    RUN install2.r --error dplyr
Good:
    FROM rocker/r-ver:4.4
    RUN install2.r --error dplyr && rm -rf /tmp/downloaded_packages
Fix: safe (E1): only the downloads are missing after it, and nothing later in the file reads them.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import R_PACKAGES
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="r-cache",
    title="The packages of R that littler downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(R_PACKAGES),
    page=__doc__ or "",
)
