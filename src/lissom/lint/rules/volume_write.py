"""Files are written below a VOLUME.

What: an instruction that puts, changes or removes files at or below a path that a VOLUME above it declares.
Why: builders do not agree: some throw such writes away, others keep them in the layer. And when a container starts with
a volume that is not empty, nothing of them is seen.
Bad:
    FROM debian:bookworm-slim
    VOLUME /data
    RUN mkdir -p /data/db && chown 1000 /data
Good:
    FROM debian:bookworm-slim
    RUN mkdir -p /data/db && chown 1000 /data
    VOLUME /data
Fix: none: the VOLUME belongs below what fills it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Volume
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, flat, joined
from lissom.lint.effects.steps import acts_of
from lissom.lint.lineage import steps_below
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import line_of, quoted

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    volumes: dict[str, int] = {}
    for step in steps_below(subject, subject.final):
        told: set[int] = set()
        for act in acts_of(step, subject):
            place = next((one for one in volumes if covers(one, act.path)), None)
            line = line_of(subject, act.span)
            if place is None or act.deed in (Deed.READ, Deed.BUILD) or line in told:
                continue
            told.add(line)
            message = f"{quoted(act.path)} is below the volume {quoted(place)} of line {volumes[place]}: it may be lost"
            yield Found(act.span, message)
        if isinstance(step.instruction, Volume):
            for path in step.instruction.paths:
                text = flat(Word(path, None, Span(0, 0)), step.env)
                if text:
                    volumes.setdefault(joined("/", text), line_of(subject, step.instruction.span))


RULE = Rule(
    code="volume-write",
    title="Files are written below a VOLUME",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
