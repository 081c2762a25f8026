"""A VOLUME is a place of the host or of secrets.

What: a VOLUME at docker's socket, at `/proc`, `/sys`, `/dev`, `/etc`, `/`, or at a directory of keys (`/root/.ssh`,
`/run/secrets`, `/etc/ssl/private`).
Why: the file asks whoever runs it to mount what gives the container the host, and what was built there is lost.
Bad:
    FROM debian:bookworm
    VOLUME /var/run/docker.sock
Good:
    FROM debian:bookworm
    VOLUME /var/lib/app
Fix: none: what the app does there is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Volume
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_PLACE = re.compile(
    r"/|/(var/)?run/(docker|containerd|crio|podman)(/[^/]*)?\.sock|/(var/)?run/secrets(/.*)?|/(proc|sys|dev|etc|boot)/?"
    r"|(/root|/home/[^/]+)/\.(ssh|aws|docker|kube|gnupg)(/.*)?|/etc/(ssl/private|ssh|shadow)(/.*)?"
)


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if isinstance(step.instruction, Volume):
            words = arguments(subject.dockerfile, step.instruction)
            for path in step.instruction.paths:
                if _PLACE.fullmatch(path):
                    span = next((word.span for word in words if path in word.text), words[0].span)
                    yield Found(span, f"`{path}` is no place for a volume")


RULE = Rule(
    code="host-volume",
    title="Volumes are for the app's data",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
