"""What changes often stands above what takes long.

What: a COPY of the whole context above a RUN that only installs packages of the distribution or downloads; an ARG or
ENV for the commit, the date or the number of the build, and a LABEL of it, above RUNs that install or build and do not
name it.
Why: a step is done again when anything above it changed. Packages are then fetched at every commit.
Bad:
    FROM debian:bookworm-slim
    COPY . /app
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    COPY . /app
Fix: provable (E2) where a RUN that installs stands directly behind the COPY: they change places. An ARG moves down to
the first line that names it (provable, E2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Arg, Env, Label, Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.copies.whole_context import takes_all
from lissom.lint.edits.commented import moved_above
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.steps import effects_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.packages.installs import SYSTEM, installs
from lissom.lint.packages.manifests import ecosystem_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject
from lissom.lint.wording import line_of, quoted

__all__ = ["RULE"]

_VOLATILE = re.compile(
    r"(GIT|VCS|SOURCE|CI|APP)?_?(SHA1?|COMMIT(_(SHA|HASH|ID|REF))?|REV(ISION)?|VCS_REF|GIT_(SHA|HASH|REF|BRANCH|TAG))"
    r"|BUILD_?(DATE|TIME|TIMESTAMP|NUMBER|NUM|ID|NO)|(CACHE|DATE)_?(BUST(ER)?|BREAK(ER)?|STAMP)|TIMESTAMP|CACHEBUST"
)
_NAMES = re.compile(r"\$\{?(\w+)")
_FETCHING = (Deed.FETCH, Deed.CLONE, Deed.UNPACK, Deed.MKDIR, Deed.REMOVE, Deed.MODE)
_PLAIN = frozenset(("rm", "set", "echo", "true", "export", "mkdir"))


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        if stage.used:
            yield from _after_copy(subject, stage)
            yield from _after_volatile(subject, stage)


def _after_copy(subject: Subject, stage: StageView) -> Iterator[Found]:
    copied: StepView | None = None
    for step in stage.steps:
        if takes_all(step):
            copied = copied or step
        elif copied is not None and _independent(step):
            call = next(call for call in calls_of(step) if installs(call))
            line = line_of(subject, call.span)
            message = f"any change of a file here makes line {line} install packages again, which needs none of them"
            yield Found(copied.instruction.span, message, _swapped(subject, stage, copied, step))
            return
        elif copied is not None and (fetched := _only_fetches(subject, step)):
            line = line_of(subject, fetched.span)
            message = f"any change of a file here makes line {line} download again, which needs none of them"
            yield Found(copied.instruction.span, message)
            return


def _independent(step: StepView) -> bool:
    """Whether it only installs packages by name."""
    calls = calls_of(step)
    if not any(installs(call) for call in calls) or step.script is None:
        return False
    return all((call.program in SYSTEM and not _local(call)) or call.program in _PLAIN for call in calls)


def _only_fetches(subject: Subject, step: StepView) -> Act | None:
    """The first download of a step that does nothing but download, unpack and tidy up."""
    effects = effects_of(step, subject)
    if effects is None or not effects.known or any(act.deed not in _FETCHING for act in effects.acts):
        return None
    made = {act.path for act in effects.acts if act.deed is Deed.FETCH}
    if any(act.deed is Deed.UNPACK and act.source not in made for act in effects.acts):
        return None
    return next((act for act in effects.acts if act.deed in (Deed.FETCH, Deed.CLONE)), None)


def _local(call: Call) -> bool:
    return any("/" in arg and not arg.startswith("-") for arg in call.args) or "$" in " ".join(call.args)


def _swapped(subject: Subject, stage: StageView, copied: StepView, step: StepView) -> Fix | None:
    at = stage.steps.index(copied)
    if stage.steps[at + 1 : at + 2] != (step,):
        return None
    run = step.instruction
    if not isinstance(run, Run) or run.mounts or run.heredocs:
        return None
    return Fix(
        title="install packages before the sources are copied",
        edits=moved_above(subject, run, copied.instruction),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E2,
        because="the RUN names packages only, none of the files that are copied",
    )


def _after_volatile(subject: Subject, stage: StageView) -> Iterator[Found]:
    for at, step in enumerate(stage.steps):
        if isinstance(step.instruction, Label):
            yield from _labelled(subject, stage, at)
        if not isinstance(step.instruction, Arg | Env):
            continue
        for name, _ in step.instruction.pairs:
            if not _VOLATILE.fullmatch(name.upper()):
                continue
            until = next((n for n, one in enumerate(stage.steps) if n > at and name in one.instruction.text), None)
            between = stage.steps[at + 1 : until]
            heavy = next((one for one in between if _takes_long(one)), None)
            if heavy is None:
                continue
            line = line_of(subject, heavy.instruction.span)
            message = f"each new value of {quoted(name)} makes line {line} run again"
            yield Found(step.instruction.span, message, _moved(subject, stage, at, until))


def _labelled(subject: Subject, stage: StageView, at: int) -> Iterator[Found]:
    """A label whose value is another one in each build, above what takes long."""
    label = stage.steps[at].instruction
    name = next((one for one in _NAMES.findall(label.text) if _VOLATILE.fullmatch(one.upper())), None)
    heavy = next((one for one in stage.steps[at + 1 :] if _takes_long(one)), None)
    if name and heavy:
        line = line_of(subject, heavy.instruction.span)
        yield Found(label.span, f"each new value of {quoted(name)} makes line {line} run again")


def _takes_long(step: StepView) -> bool:
    builders = ("make", "mvn", "gradle", "cargo", "go", "npm", "yarn", "pip", "cmake")
    return any(installs(call) or ecosystem_of(call) or call.program in builders for call in calls_of(step))


def _moved(subject: Subject, stage: StageView, at: int, until: int | None) -> Fix | None:
    instruction, source = stage.steps[at].instruction, subject.dockerfile.source
    if not isinstance(instruction, Arg) or len(instruction.pairs) != 1 or until is None:
        return None
    text = source.cut(instruction.span)
    end = instruction.span.end
    end += 2 if source.text[end : end + 2] == "\r\n" else 1
    target = stage.steps[until].instruction.span.start
    newline = "\r\n" if "\r\n" in source.text else "\n"
    return Fix(
        title="declare it where it is first used",
        edits=(Edit(Span(instruction.span.start, end), ""), Edit(Span(target, target), f"{text}{newline}")),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E2,
        because="no line between names it; a program there could read it from its environment",
    )


RULE = Rule(
    code="cache-order",
    title="What changes often stands above what takes long",
    category=Category.SPEED,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
