"""What yum downloaded stays in the layer.

What: a `yum` command that installs or updates in a stage that is shipped, and no `yum clean all` (nor a removal of
`/var/cache/yum`, nor a cache mount there) behind it in the same RUN.
Why: yum keeps the metadata of every repository, 50 to 200 MB, and none of it serves the image.
Bad:
    FROM centos:7
    RUN yum install -y httpd
Good:
    FROM centos:7
    RUN yum install -y httpd && yum clean all
Fix: safe (E1): only downloads are missing after it, and yum's log may have a line more; provable inside `sh -c` and
where the command may not have run.
hadolint: DL3032 takes a `yum clean` anywhere in the RUN for good, also before the install, knows only `yum install`,
sees no mounts, and names stages that are thrown away too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.system import YUM
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="yum-cache",
    title="What yum downloaded stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(YUM),
    page=__doc__ or "",
    aliases=("DL3032",),
)
