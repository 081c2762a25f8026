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

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import loose_rpms, unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = (
    "--enablerepo",
    "--disablerepo",
    "--repo",
    "--repoid",
    "--installroot",
    "--releasever",
    "-c",
    "-x",
    "--exclude",
)


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with((*_VALUED, "--setopt"))
    if call.program == "yum" and any(word.value == "install" for word in names):
        yield from (word for word in loose_rpms(names) if word.text.strip("\"'"))


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="yum-version",
    title="yum's packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3033",),
    check=_check,
    page=__doc__ or "",
)
