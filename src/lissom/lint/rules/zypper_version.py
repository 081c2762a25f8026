"""zypper's packages have a version.

What: a package that `zypper install` gets without `=version` (or `<`, `>`) and that is no `.rpm` file. A hint only.
Why: the same file gives another image next month. A base pinned by digest changes as rarely as you let it; its
mirrors do not.
Bad:
    FROM opensuse/leap:15.6
    RUN zypper install -y nginx && zypper clean
Good:
    FROM opensuse/leap:15.6
    RUN zypper install -y nginx=1.21.5 && zypper clean
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes the values of `--from` and `-t` for packages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("--from", "-r", "--repo", "-t", "--type", "-R", "--root", "-C", "--capability")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with(_VALUED)
    if call.program != "zypper" or not any(word.value in ("install", "in") for word in names):
        return
    for word in names:
        fixed = any(mark in word.text for mark in "=<>") or word.text.endswith(".rpm")
        if word.value not in ("install", "in") and not fixed:
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="zypper-version",
    title="zypper's packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3037",),
    check=_check,
    page=__doc__ or "",
)
