"""A shell is needed where there is none.

What: RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form (and scripts of `sh`) in a stage on `scratch` or on a
distroless image, unless something that is copied may bring a shell.
Why: a RUN fails; a container with such a CMD does not start, a HEALTHCHECK is never healthy.
Bad:
    FROM scratch
    COPY app /app
    CMD /app --port 8080
Good:
    FROM scratch
    COPY app /app
    CMD ["/app", "--port", "8080"]
Fix: none here: `json-args` writes the array where it can.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy, Instruction, Run
from lissom.lint.calls.command import command_of
from lissom.lint.calls.wrappers import SHELLS
from lissom.lint.copies.archives import is_archive_name
from lissom.lint.lineage import steps_below
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_WITH_SHELL = ("debug", "dev", "busybox")
_SYSTEM = ("/bin", "/usr", "/sbin", "bin", "usr")


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        if stage.base.family not in ("scratch", "distroless") or any(mark in stage.base.tag for mark in _WITH_SHELL):
            continue
        if any(_may_bring_a_shell(step.instruction) for step in steps_below(subject, stage)):
            continue
        for step in stage.steps:
            command = command_of(step.instruction)
            if command is None or step.shell is not None or _mounts(step.instruction):
                continue
            if command.shell or (command.args and command.args[0].rpartition("/")[2] in SHELLS):
                span = first_line(subject.dockerfile, step.instruction)
                base = "scratch" if stage.base.family == "scratch" else "a distroless image"
                yield Found(span, f"{step.instruction.keyword} needs a shell, and {base} has none")


def _may_bring_a_shell(found: Instruction) -> bool:
    if not isinstance(found, Copy | Add):
        return False
    target = found.destination.strip("\"'")
    if target in ("/", ".", "./", "/.") or target.startswith(_SYSTEM) or "busybox" in found.text:
        return True
    return isinstance(found, Add) and any(is_archive_name(source) for source in found.sources)


def _mounts(found: Instruction) -> bool:
    return isinstance(found, Run) and bool(found.mounts)


RULE = Rule(
    code="missing-shell",
    title="A shell is there where one is needed",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
