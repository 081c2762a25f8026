"""Alpine packages have a version.

What: a package that `apk add` gets without `=`, `~`, `<` or `>` and that is no `.apk` file. A hint only.
Why: the same file gives another image next month. Honestly: Alpine keeps one version of a package in a release, so a
pin breaks the build at the next update. A base pinned by digest changes as rarely as you let it.
Bad:
    FROM alpine:3.20
    RUN apk add --no-cache nginx
Good:
    FROM alpine:3.20
    RUN apk add --no-cache "nginx~1.26"
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees on lines, but warns; it takes the value of `--keys-dir` for a package.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("-t", "--virtual", "-X", "--repository", "-p", "--root", "--keys-dir", "--repositories-file", "--arch")
_VALUED_TOO = ("--cache-dir", "--wait", "--timeout")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with((*_VALUED, *_VALUED_TOO))
    if call.program != "apk" or not any(word.value == "add" for word in names):
        return
    for word in names:
        fixed = any(mark in word.text for mark in "=~<>") or word.text.endswith(".apk")
        if word.value != "add" and not fixed:
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="apk-version",
    title="Alpine packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3018",),
    check=_check,
    page=__doc__ or "",
)
