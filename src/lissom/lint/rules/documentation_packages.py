"""Packages of documentation and all locales are installed.

What: packages that are nothing but documentation or translations (`man-db`, `manpages`, `info`, `locales-all`,
`…-doc`, `…-docs`, `texlive-full`) in a stage that is shipped, named in an install command of apt, apk, dnf, yum or
zypper and not removed in the same RUN.
Why: nobody reads manuals in a container that serves; `locales-all` alone has 220 MB, `texlive-full` several GB.
Bad:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends man-db nginx && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
Fix: none: an image for people at work may want them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.lint.caches.left import shipped_runs
from lissom.lint.packages.installs import installed
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_DOCUMENTS = re.compile(
    r"man-db|man|man-pages|manpages(-.*)?|mandoc|info|texinfo-doc.*|locales-all|glibc-all-langpacks|texlive-full|"
    r"[a-z0-9.+-]+-(doc|docs|doc-html)|doc-base"
)


def _check(subject: Subject) -> Iterator[Found]:
    for _, _, step in shipped_runs(subject):
        for one in installed(step):
            if _DOCUMENTS.fullmatch(one.name):
                span = one.word.span if one.call.exact else one.call.span
                yield Found(span, f"{one.name} holds nothing that an app reads")


RULE = Rule(
    code="documentation-packages",
    title="Packages of documentation and all locales are installed",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=_check,
    page=__doc__ or "",
)
