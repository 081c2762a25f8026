"""Node packages have a version.

What: a package that `npm install` gets without `@version`, a commit or a path. A hint only.
Why: the same file gives another image next month. `npm ci` with a lock file pins what it depends on as well.
Bad:
    FROM node:22
    RUN npm install -g pm2
Good:
    FROM node:22
    RUN npm install -g pm2@5.4.2
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but it takes the values of some options (`--tag next`) for packages, and `.` too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("--prefix", "--registry", "--tag", "--loglevel", "--only", "--omit", "--include", "--cache", "-C", "-w")
_VALUED_TOO = ("--workspace", "--userconfig", "--install-strategy", "--before")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with((*_VALUED, *_VALUED_TOO))
    if call.program == "npm" and names and names[0].value == "install":
        yield from (word for word in names[1:] if not _fixed(word.text.strip("\"'")))


def _fixed(package: str) -> bool:
    if package.startswith(("git://", "git+ssh://", "git+http://", "git+https://")):
        return "#" in package
    if package.startswith(("/", ".", "~/")) or package.endswith((".tar", ".tar.gz", ".tgz")):
        return True
    return "@" in package[1:]


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="npm-version",
    title="Node packages have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3016",),
    check=_check,
    page=__doc__ or "",
)
