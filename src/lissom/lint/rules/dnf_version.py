"""dnf's packages have a version.

What: a package that `dnf install` or `microdnf install` gets without `-version` and that is no `.rpm` file; a module
without `:stream`. A hint only.
Why: the same file gives another image next month. A base pinned by digest changes as rarely as you let it; its
mirrors do not.
Bad:
    FROM fedora:41
    RUN dnf install -y nginx && dnf clean all
Good:
    FROM fedora:41
    RUN dnf install -y nginx-1.26.2 && dnf clean all
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes the values of `--enablerepo` and `.rpm` files without a dash for packages, and `1.2*`
for no version.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.packages.pinning import unpinned_rpms
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned_rpms(subject, ("dnf", "microdnf"))


RULE = Rule(
    code="dnf-version",
    title="dnf's packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3041",),
    check=_check,
    page=__doc__ or "",
)
