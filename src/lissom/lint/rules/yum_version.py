"""yum's packages have a version.

What: a package that `yum install` gets without `-version` and that is no `.rpm` file; a module without `:stream`. A
hint only.
Why: the same file gives another image next month. A base pinned by digest changes as rarely as you let it; its
mirrors do not.
Bad:
    FROM rockylinux:9
    RUN yum install -y nginx && yum clean all
Good:
    FROM rockylinux:9
    RUN yum install -y nginx-1.20.1 && yum clean all
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes the values of `--enablerepo` and `.rpm` files without a dash for packages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.pinning import unpinned_rpms
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned_rpms(subject, ("yum",))


RULE = Rule(
    code="yum-version",
    title="yum's packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3033",),
    check=_check,
    page=__doc__ or "",
)
