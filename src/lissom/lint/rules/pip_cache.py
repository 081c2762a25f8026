"""pip's cache stays in the layer.

What: `pip install` (also `pip wheel`, `pip download`, `python -m pip`) in a stage that is shipped, without
`--no-cache-dir`, without `PIP_NO_CACHE_DIR` in its environment, without a cache mount at `~/.cache/pip`, and nothing
behind it in the same RUN that clears the cache.
Why: pip keeps every wheel that it downloaded or built: the size of the packages once more, compressed.
Bad:
    FROM python:3.12
    RUN pip install flask==3.0.3
Good:
    FROM python:3.12
    RUN pip install --no-cache-dir flask==3.0.3
Fix: safe (E1): pip installs the same files either way. None where a later step works on the cache itself, since `pip
cache purge` may fail on an empty one; provable where a later pip is cut off from the network.
hadolint: DL3042 does not accept that the RUN clears the cache, takes `PIP_NO_CACHE_DIR=off` for a no (pip disables its
cache for any value) and does not see it in an ARG, knows no mount at `~/.cache`, no pip named by its path, no `pip
wheel` and no `pip config`, and names stages that are thrown away too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.python import PIP
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="pip-cache",
    title="pip's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(PIP),
    page=__doc__ or "",
    aliases=("DL3042",),
)
