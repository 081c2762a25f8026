"""COPY --from names no stage above.

What: a `--from` that is neither an earlier stage nor, by its form (a tag, a digest, a registry), an image.
Why: what is no stage is taken for an image: a misspelt stage is fetched from a registry, from whoever owns that name.
Bad:
    FROM golang:1.22 AS build
    FROM debian:bookworm
    COPY --from=biuld /app /app
Good:
    FROM golang:1.22 AS build
    FROM debian:bookworm
    COPY --from=build /app /app
Fix: none: which stage was meant is not sure.
hadolint: agrees, but compares by the letter (`--from=BUILD` finds no `build` there), and takes an image without a tag
for no image.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Copy
from lissom.lint.guess import guess
from lissom.lint.places import flag_span
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    for stage in subject.stages:
        above = subject.dockerfile.stages[: stage.stage.index]
        names = [one.name for one in above if one.name]
        for step in stage.steps:
            found = step.instruction
            if not isinstance(found, Copy) or not found.from_ or found.from_.lower() in names:
                continue
            if found.from_.lower() == stage.stage.name or _is_image(found.from_):
                continue
            if found.from_.isdigit() and int(found.from_[:9]) < len(subject.dockerfile.stages):
                continue
            meant = guess(found.from_.lower(), names)
            hint = f"; did you mean `{meant}`" if meant else ""
            yield Found(flag_span(found, "from"), f"`{found.from_}` is no stage above{hint}")


def _is_image(name: str) -> bool:
    return any(mark in name for mark in ":@/")


RULE = Rule(
    code="unknown-stage",
    title="COPY --from names a stage",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3022",),
    check=_check,
    page=__doc__ or "",
)
