"""A user is named where nobody has a name.

What: `USER name`, or a `--chown=name`, in a stage on `scratch` into which no `/etc/passwd` is copied, and on a
distroless image a name that it does not have (those have `root`, `nobody` and `nonroot`).
Why: the container does not start, or the build fails: without `/etc/passwd` only numbers mean somebody.
Bad:
    FROM scratch
    COPY app /app
    USER app
Good:
    FROM scratch
    COPY app /app
    USER 10001
Fix: none: which number was meant is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy, Instruction, Run, User
from lissom.lint.copies.archives import is_archive_name
from lissom.lint.places import arguments, flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_DISTROLESS = frozenset(("root", "nobody", "nonroot"))


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        distroless = stage.base.name.startswith("gcr.io/distroless/")
        if stage.base.parent is not None or not (distroless or stage.base.family == "scratch"):
            continue
        known = _DISTROLESS if distroless else frozenset(("root",))
        for step in stage.steps:
            if _brings_users(step.instruction):
                break
            for name, span in _named(subject, step.instruction):
                if name and not name.isdigit() and "$" not in name and name not in known:
                    yield Found(span, f"nobody is called `{name}` in this stage: it has no /etc/passwd that says so")


def _named(subject: Subject, found: Instruction) -> Iterator[tuple[str, Span]]:
    if isinstance(found, User):
        yield found.user.strip("\"'").partition(":")[0], arguments(subject.dockerfile, found)[0].span
    elif isinstance(found, Copy | Add) and found.chown:
        yield found.chown.partition(":")[0], flag_span(found, "chown")


def _brings_users(found: Instruction) -> bool:
    if isinstance(found, Run):
        return True
    if not isinstance(found, Copy | Add):
        return False
    target = found.destination.strip("\"'").rstrip("/")
    archive = any(is_archive_name(source) for source in found.sources)
    return "passwd" in found.text or target in ("", ".", "/etc", "etc") or archive


RULE = Rule(
    code="missing-user",
    title="Users are known where they are named",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
