"""A program is started that the image does not have.

What: a HEALTHCHECK, CMD, ENTRYPOINT or SHELL whose program is one of `curl`, `wget`, `bash`, `python3`, `nc`, `git`
and some others, in a stage on Debian, Ubuntu, Alpine or a `-slim` or `-alpine` image that is known to lack it, where
no instruction of the stage mentions it.
Why: the health check never succeeds, or the container does not start.
Bad:
    FROM python:3.12-slim
    HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1
Good:
    FROM python:3.12-slim
    HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/')"]
Fix: none: another program, or another package, is for people to choose.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Cmd, Copy, Entrypoint, Healthcheck, Instruction, Run, Shell
from lissom.lint.calls.reading import calls_of
from lissom.lint.lineage import steps_below
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Base, StepView, Subject

__all__ = ["RULE"]
_DEBIAN_LACKS = frozenset(
    ("curl", "wget", "nc", "ps", "ping", "git", "python3", "python", "node", "sudo", "jq", "nslookup")
)
_ALPINE_LACKS = frozenset(("curl", "bash", "git", "python3", "python", "node", "sudo", "jq"))
_KNOWN = frozenset(("debian", "ubuntu", "alpine", "python", "node", "ruby", "golang"))
_OWN = {"python": frozenset(("python", "python3")), "node": frozenset(("node",)), "ubuntu": frozenset(("ps",))}
_PACKAGES = {"nc": ("netcat", "ncat"), "ps": ("procps",), "ping": ("iputils",), "nslookup": ("dnsutils", "bind")}


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        lacking = _lacks(stage.base)
        if not lacking:
            continue
        below = [step.instruction for step in steps_below(subject, stage)]
        for step in stage.steps:
            for program in sorted(_started(step) & lacking):
                if not _mentioned(below, program):
                    span = first_line(subject.dockerfile, step.instruction)
                    yield Found(span, f"{step.instruction.keyword} starts `{program}`, which the image does not have")


def _lacks(base: Base) -> frozenset[str]:
    if base.name not in _KNOWN or base.image is None or base.digest:
        return frozenset()
    if base.name not in ("debian", "ubuntu", "alpine") and not ("slim" in base.tag or "alpine" in base.tag):
        return frozenset()
    lacking = {"debian": _DEBIAN_LACKS, "alpine": _ALPINE_LACKS}.get(base.family, frozenset())
    return lacking - _OWN.get(base.name, frozenset())


def _started(step: StepView) -> set[str]:
    found = step.instruction
    if isinstance(found, Shell):
        return {found.command.args[0].rpartition("/")[2]}
    if isinstance(found, Healthcheck) and found.test and not found.test.shell:
        return {found.test.args[0].rpartition("/")[2]} if found.test.args else set()
    if isinstance(found, Cmd | Entrypoint) and not found.command.shell:
        return {found.command.args[0].rpartition("/")[2]} if found.command.args else set()
    if isinstance(found, Healthcheck):
        return {simple.name for simple in step.commands}
    return {call.program for call in calls_of(step)[:1]} if isinstance(found, Cmd | Entrypoint) else set()


def _mentioned(instructions: list[Instruction], program: str) -> bool:
    """Whether anything that changes files says the program's name, or installs what the text does not name."""
    names = (program, *_PACKAGES.get(program, ()))
    for found in instructions:
        if isinstance(found, Run):
            text = found.script or found.text
            unnamed = "$(" in text or "install $" in text or 'install "$' in text or "xargs" in text or ".sh" in text
            if unnamed or any(name in text for name in names):
                return True
        elif isinstance(found, Copy | Add) and _brings(found, program):
            return True
    return False


def _brings(found: Copy | Add, program: str) -> bool:
    target = found.destination.strip("\"'")
    outside = isinstance(found, Add) or found.from_ is not None
    return program in found.text or (outside and (target == "/" or target.startswith(("/bin", "/usr", "/opt"))))


RULE = Rule(
    code="missing-program",
    title="Programs are there that are started",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
