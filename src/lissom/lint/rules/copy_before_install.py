"""All sources are copied before the dependencies are installed.

What: `COPY . .` (or ADD) above the command that installs what a manifest names (npm, yarn, pnpm, pip -r, Poetry,
Bundler, Composer, go mod download, Cargo, Maven, Gradle, dotnet restore), with no COPY of the manifests before it.
Why: whatever file changes, the dependencies are fetched and installed again, and their layer is pushed and pulled too.
Bad:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN pip install --no-cache-dir -r requirements.txt
Good:
    FROM python:3.12-slim
    WORKDIR /app
    COPY requirements.txt .
    RUN pip install --no-cache-dir -r requirements.txt
    COPY . .
Fix: provable (E2) when the RUN does nothing but install and directly follows the COPY: manifests and RUN go above it.
Manifests are those that the command or the build context names. None for what builds the sources in the same go.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy, Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.copies.whole_context import takes_all
from lissom.lint.edits.commented import moved_above
from lissom.lint.effects.steps import acts_of, cwd_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.packages.manifests import Ecosystem, ecosystem_of, manifests_named
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject
from lissom.lint.wording import line_of

__all__ = ["RULE"]

_BUILDS_TOO = frozenset(("Maven", "Gradle", "Cargo", "NuGet", "Go"))
_ONLY_FETCH = ("mod", "fetch", "restore", "dependency:go-offline", "dependency:resolve")
_CLEANERS = frozenset(("rm", "set", "true", "echo"))


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        if stage.used:
            yield from _stage(subject, stage)


def _stage(subject: Subject, stage: StageView) -> Iterator[Found]:
    copied: StepView | None = None
    told: set[str] = set()
    for step in stage.steps:
        if takes_all(step):
            copied = copied or step
            continue
        if isinstance(step.instruction, Copy | Add) and copied is None:
            told |= {source.strip("./").rpartition("/")[2] for source in step.instruction.sources}
        if copied is None or not isinstance(step.instruction, Run):
            continue
        for call in calls_of(step):
            ecosystem = ecosystem_of(call)
            if ecosystem is None or _separate(ecosystem, told, stage, copied):
                continue
            line = line_of(subject, call.span)
            message = f"any change of a file here makes line {line} install all of {ecosystem.name}'s packages again"
            severity = Severity.INFO if ecosystem.name in _BUILDS_TOO and call.verb not in _ONLY_FETCH else None
            yield Found(copied.instruction.span, message, _fix(subject, copied, step, ecosystem, call), None, severity)
            return


def _separate(ecosystem: Ecosystem, manifests: set[str], stage: StageView, copied: StepView) -> bool:
    """Whether the dependencies were installed before, or their cache is a mount."""
    before = stage.steps[: stage.steps.index(copied)]
    earlier = any(
        one is not None and one.name == ecosystem.name for step in before for one in map(ecosystem_of, calls_of(step))
    )
    fetched = any(
        call.program in ("mvn", "gradle", "cargo", "dotnet", "go") for step in before for call in calls_of(step)
    )
    return earlier or (ecosystem.name in _BUILDS_TOO and fetched and bool(manifests))


def _fix(subject: Subject, copied: StepView, step: StepView, ecosystem: Ecosystem, call: Call) -> Fix | None:
    stage = subject.stages[step.stage]
    at = stage.steps.index(copied)
    copy, run = copied.instruction, step.instruction
    if stage.steps[at + 1 : at + 2] != (step,) or not isinstance(copy, Copy) or not isinstance(run, Run):
        return None
    if copy.sources not in ((".",), ("./",)) or copy.flags or run.heredocs or step.script is None:
        return None
    if ecosystem.name in _BUILDS_TOO or not all(_only_installs(one, ecosystem) for one in calls_of(step)):
        return None
    placed = acts_of(copied, subject)
    manifests = _manifests(subject, ecosystem, call)
    if not manifests or not placed or placed[0].path != cwd_of(step, subject):
        return None
    newline = "\r\n" if "\r\n" in subject.dockerfile.source.text else "\n"
    return Fix(
        title="install before the sources are copied",
        edits=moved_above(subject, run, copy, f"COPY {' '.join(manifests)} ./{newline}"),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E2,
        because="packages that run a script of the sources while they are installed would miss them",
    )


def _only_installs(call: Call, ecosystem: Ecosystem) -> bool:
    found = ecosystem_of(call)
    return found is ecosystem or call.program in _CLEANERS or call.verb in ("cache", "config", "set")


def _manifests(subject: Subject, ecosystem: Ecosystem, call: Call) -> list[str]:
    named = list(manifests_named(call))
    if named:
        plain = all(name and name[0].isalnum() and "/" not in name and "$" not in name for name in named)
        return named if plain and _present(subject, named) else []
    if subject.context is None:
        return [f"{ecosystem.required[0].removesuffix('.json')}*.json"] if ecosystem.name == "npm" else []
    top = [one for one in (*ecosystem.required, *ecosystem.optional) if _present(subject, [one])]
    hidden = any(path.partition("/")[0] in ("node_modules", "vendor") for path in subject.context.tree)
    return top if all(one in top for one in ecosystem.required) and not hidden else []


def _present(subject: Subject, names: list[str]) -> bool:
    context = subject.context
    return context is None or all(name in context.tree and name not in context.ignored for name in names)


RULE = Rule(
    code="copy-before-install",
    title="All sources are copied before the dependencies are installed",
    category=Category.SPEED,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
