"""Debian packages have a version.

What: a package that `apt-get install` gets without `=version`, `/release` or a path to a `.deb` file. A hint only.
Why: the same file gives another image next month. Honestly: Debian removes old versions from its mirrors, so a pin
breaks the build at the next security update. A base pinned by digest, or a snapshot mirror, is the better way to one
result.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends nginx=1.22.*
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees on lines, but warns; behind `sudo` it sees nothing, and it takes a value of `-c` for a package.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with(_VALUED)
    if call.program != "apt-get" or not any(word.value == "install" for word in names):
        return
    for word in names:
        if word.value != "install" and not ("=" in word.text or "/" in word.text or word.text.endswith(".deb")):
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="apt-version",
    title="Debian packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3008",),
    check=_check,
    page=__doc__ or "",
)
