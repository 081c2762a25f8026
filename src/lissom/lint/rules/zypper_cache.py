"""What zypper downloaded stays in the layer.

What: a `zypper` command that installs, updates or refreshes in a stage that is shipped, and no `zypper clean` (nor a
removal of `/var/cache/zypp`, nor a cache mount there) behind it in the same RUN.
Why: zypper keeps repository data and packages, often more than 50 MB.
Bad:
    FROM opensuse/leap:15
    RUN zypper --non-interactive install httpd
Good:
    FROM opensuse/leap:15
    RUN zypper --non-interactive install httpd && zypper clean --all
Fix: safe (E1): only downloads are missing after it, and zypper's log may have a line more; provable inside `sh -c`
and where the command may not have run.
hadolint: DL3036 sees no mounts and no `rm`, does not know `zypper refresh`, and names stages that are thrown away
too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import ZYPPER
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="zypper-cache",
    title="What zypper downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(ZYPPER),
    page=__doc__ or "",
    aliases=("DL3036",),
)
