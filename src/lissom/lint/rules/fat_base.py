"""The image stands on a larger base than it needs.

What: the image that is shipped stands on a full variant where a slim one of the same kind exists (node, python, ruby,
debian …), on a JDK where a JRE would run the app, on an image that is there to build (golang, rust, maven, a .NET SDK,
buildpack-deps), or, as a hint, on ubuntu. Bases of stages whose layers are thrown away do not count. Where the rule
`single-stage` splits the file, it speaks for both.
Why: a full image holds compilers, headers and version control: often 800 MB of 900.
Bad:
    FROM python:3.12
    COPY app.py /app.py
    CMD ["python", "/app.py"]
Good:
    FROM python:3.12-slim
    COPY app.py /app.py
    CMD ["python", "/app.py"]
Fix: unsafe (E3) where the slim variant has the same name, and no RUN calls what only the full one has (curl, git, a
compiler): a library that only the full one has may be missing, and only the app's probes can tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.images.full import taken_for_granted
from lissom.lint.images.slim import ships_compiler, slimmer
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.stages.split import split
from lissom.lint.subject import StageView, Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    stage = _bottom(subject)
    base, from_ = stage.base, stage.stage.from_
    parts = split(subject)
    if parts is not None and parts.recipe is not None and parts.doubt is None:
        return
    smaller, instead = slimmer(base), ships_compiler(base)
    if instead:
        message = f"the image ships what {quoted(base.name)} builds with: {instead} runs what was built"
        yield Found(from_.image_span, message)
    elif smaller:
        yield Found(from_.image_span, f"{quoted(smaller)} is the same with less in it", _fix(subject, stage, smaller))
    elif base.name == "ubuntu":
        message = "a slim or distroless base holds less than ubuntu"
        yield Found(from_.image_span, message, severity=Severity.INFO)


def _bottom(subject: Subject) -> StageView:
    """The stage whose FROM names the outside image that the final stage stands on."""
    stage = subject.final
    for _ in subject.stages:
        if stage.base.parent is None:
            break
        stage = subject.stages[stage.base.parent]
    return stage


def _fix(subject: Subject, stage: StageView, smaller: str) -> Fix | None:
    from_ = stage.stage.from_
    written = subject.dockerfile.source.cut(from_.image_span)
    if "$" in written or "@" in written or written.partition(":")[0] != smaller.partition(":")[0]:
        return None
    if "al2023" in smaller and "al2023" not in written:
        return None  # another release of the distribution
    if stage.base.name != "debian" and taken_for_granted(subject, stage):
        return None
    return Fix(
        title=f"stand on {smaller}",
        edits=(Edit(from_.image_span, smaller),),
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because="what only the full image has is gone, and only the app's probes can tell",
        config=("Env", "Cmd", "Entrypoint", "Labels", "WorkingDir"),
        paths=("**",),
    )


RULE = Rule(
    code="fat-base",
    title="The image stands on a larger base than it needs",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
