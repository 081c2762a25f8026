"""Two stages have one name.

What: a name behind `AS` that an earlier stage has as well; capital letters make no difference.
Why: `COPY --from=name` and `--target name` mean the last of them, `FROM name` the nearest above. Whoever reads the
file cannot see which is meant, and a new stage in the middle changes the image.
Bad:
    FROM debian:bookworm AS build
    FROM build AS build
Good:
    FROM debian:bookworm AS source
    FROM source AS build
Fix: safe (E0): every stage but the last of that name gets a number, and so do the `FROM` lines that mean it.
hadolint: agrees, but compares by the letter, so it takes `a` and `A` for two names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from lissom.dockerfile.source import Edit
from lissom.dockerfile.syntax import Stage
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    stages = subject.dockerfile.stages
    seen: dict[str, Stage] = {}
    for stage in stages:
        span = stage.from_.name_span
        if not stage.name or span is None:
            continue
        before = seen.get(stage.name)
        if before is not None:
            yield Found(span, f"an earlier stage is named `{stage.name}` too", _renamed(stages, before, stage))
        seen[stage.name] = stage


def _renamed(stages: tuple[Stage, ...], before: Stage, after: Stage) -> Fix | None:
    if before.from_.name_span is None:
        return None
    names = {stage.name for stage in stages}
    number = next(one for one in count(before.index + 1) if f"{before.name}-{one}" not in names)
    name = f"{before.name}-{number}"
    users = [stage for stage in stages[before.index + 1 : after.index + 1] if stage.from_.image.lower() == before.name]
    edits = (Edit(before.from_.name_span, name), *(Edit(stage.from_.image_span, name) for stage in users))
    because = "`--from` and `--target` mean the last stage of a name, FROM the nearest above, which is renamed with it"
    return Fix(f"rename the earlier stage to {name}", edits, Safety.SAFE, Equivalence.E0, because)


RULE = Rule(
    code="duplicate-stage-name",
    title="Stage names are unique",
    category=Category.CORRECTNESS,
    severity=Severity.ERROR,
    aliases=("DL3024", "DuplicateStageName"),
    check=_check,
    page=__doc__ or "",
)
