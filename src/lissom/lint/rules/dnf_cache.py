"""What dnf downloaded stays in the layer.

What: a `dnf`, `microdnf` or `tdnf` command that installs or updates in a stage that is shipped, and no `clean all`
(nor a removal of its cache, nor a cache mount there) behind it in the same RUN.
Why: dnf keeps the metadata of every repository, 50 to 250 MB, and none of it serves the image.
Bad:
    FROM fedora:40
    RUN dnf install -y httpd
Good:
    FROM fedora:40
    RUN dnf install -y httpd && dnf clean all
Fix: safe (E1): only downloads are missing after it, and dnf's log may have a line more; provable inside `sh -c` and
where the command may not have run.
hadolint: DL3040 sees no mounts, wants the program's own `clean all` or a removal of `/var/cache/yum/*`, and names
stages that are thrown away too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import DNF
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="dnf-cache",
    title="What dnf downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(*DNF),
    page=__doc__ or "",
    aliases=("DL3040",),
)
