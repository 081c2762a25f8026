"""An instruction uses a variable that nobody sets.

What: a variable in COPY, ADD, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR that neither ENV nor ARG of the
stage sets, where the base sets none either (`scratch` and the plain distributions, which set only `PATH`), or whose
name is nearly one that is set. RUN and other shell forms are the shell's affair.
Why: it is empty. `HOME` too: it is set when a container runs, not while it is built.
Bad:
    FROM debian:bookworm
    WORKDIR $APP_HOME/bin
Good:
    FROM debian:bookworm
    ENV APP_HOME=/srv/app
    WORKDIR $APP_HOME/bin
Fix: none: which value was meant is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy, Env, Expose, Label, Stopsignal, User, Volume, Workdir
from lissom.lint.guess import guess
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject
from lissom.lint.variables import PROXY_NAMES, missing, place_of

__all__ = ["RULE"]
_FEW = 100  # variables among which one that is meant is looked for
_BARE = frozenset(("debian", "ubuntu", "alpine", "busybox", "rockylinux", "almalinux", "amazonlinux", "archlinux"))
_EXPANDING = (Add, Copy, Env, Expose, Label, Stopsignal, User, Volume, Workdir)


def _check(subject: Subject) -> Iterator[Found]:
    dockerfile = subject.dockerfile
    declared = {name for arg in dockerfile.meta_args for name, _ in arg.pairs}
    for step in subject.steps():
        if not isinstance(step.instruction, _EXPANDING) or "$" not in step.instruction.text:
            continue
        bare = _is_bare(subject, step)
        others = {*PROXY_NAMES, *declared, *([] if bare == "scratch" else ["PATH"])}
        for name in sorted(missing(_text(step), step.env, dockerfile.escape) - others):
            meant = guess(name, (*step.env, "PATH") if len(step.env) < _FEW else ())
            if bare or (meant and len(name) > 3):
                hint = f"; did you mean `{meant}`" if meant else ""
                span = place_of(dockerfile.source, step.instruction.span, name)
                yield Found(span, f"`{name}` is not set here{hint}")


def _is_bare(subject: Subject, step: StepView) -> str:
    base = subject.stages[step.stage].base
    return base.name if base.name == "scratch" or (base.name in _BARE and not base.language) else ""


def _text(step: StepView) -> str:
    """The arguments as they are expanded, with the flags that are."""
    flags = [flag.value or "" for flag in step.instruction.flags if flag.name in ("chown", "chmod")]
    found = step.instruction
    if isinstance(found, Env | Label):
        return " ".join(value for _, value in found.pairs)
    heredocs = getattr(found, "heredocs", ())
    if isinstance(found, Add | Copy):
        return " ".join((*found.sources, found.destination, *flags)) if not heredocs else found.destination
    return found.text.partition(" ")[2]


RULE = Rule(
    code="undefined-variable",
    title="Variables are set before they are used",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("UndefinedVar",),
    check=_check,
    page=__doc__ or "",
)
