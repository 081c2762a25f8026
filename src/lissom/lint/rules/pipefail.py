"""A pipe hides that a command failed.

What: a pipe in a RUN whose shell does not run with `pipefail`.
Why: a pipe's result is that of its last command: `curl … | tar x` is fine when curl got half a file.
Bad:
    FROM debian:bookworm
    RUN wget -qO- https://example.com/app.tar | tar -x
Good:
    FROM debian:bookworm
    SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    RUN wget -qO- https://example.com/app.tar | tar -x
Fix: none: dash, the `/bin/sh` of Debian and Ubuntu, does not know pipefail (`set -o pipefail` fails there), whether
bash is there is not in the text, and a pipe that ends early (`| head -1`) then fails. To get by without: write to a
file, then read it.
hadolint: agrees; but it overlooks `set -o pipefail` in the RUN and a SHELL of the stage below, and doubts `/bin/sh -o
pipefail`, which Alpine's shell knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.pipes import pipelines
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StageView, StepView, Subject

__all__ = ["RULE"]
_LETTER = re.compile(r"-[a-z]*o")
_KNOWING = ("bash", "zsh", "ash", "ksh")
_SETS = re.compile(r"\bset\s+-[a-z]*o\s+pipefail\b")


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        for step in stage.steps:
            if not isinstance(step.instruction, Run) or step.script is None or _fails(stage, step):
                continue
            pipes = [pipe for pipe in pipelines(step.script) if len(pipe.commands) > 1]
            if pipes:
                first = pipes[0].commands
                span = Span(first[0].span.start, first[1].span.end)
                severity = None if stage.base.family in ("debian", "redhat", "suse", "arch") else Severity.INFO
                yield Found(span, "a pipe hides that its first command failed", severity=severity)


def _fails(stage: StageView, step: StepView) -> bool:
    """Whether the shell of a RUN runs with pipefail."""
    shell = step.shell or ("/bin/sh", "-c")
    name = shell[0].rpartition("/")[2]
    sh_knows = name == "sh" and stage.base.family in ("alpine", "busybox", "redhat", "suse", "arch")
    if name not in _KNOWING and not sh_knows:
        return False
    given = "pipefail" in shell and any(_LETTER.fullmatch(word) for word in shell)
    return given or (step.script is not None and _SETS.search(step.script.text) is not None)


RULE = Rule(
    code="pipefail",
    title="A pipe fails when its first command does",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL4006",),
    check=_check,
    page=__doc__ or "",
)
