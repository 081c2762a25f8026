"""apk's index stays in the layer.

What: `apk add` or `apk upgrade` without `--no-cache`, or `apk update`, in a stage that is shipped, without a cache
mount at `/var/cache/apk`, and nothing behind it in the same RUN that clears that directory.
Why: the index weighs a few MB, in an image of alpine a good part of the whole, and is old the day after.
Bad:
    FROM alpine:3.20
    RUN apk add curl
Good:
    FROM alpine:3.20
    RUN apk add --no-cache curl
Fix: safe (E1) where no later step of the file installs from the index that this one leaves: the option is added, and
an `apk update` that nothing needs any more is taken out. None where a later step does; provable where a later step
runs a script.
hadolint: DL3019 does not accept that the RUN clears `/var/cache/apk`, does not name `apk update`, and names stages that
are thrown away too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Onbuild
from lissom.lint.caches.finding import checker, found_of
from lissom.lint.caches.later import Use, later_use
from lissom.lint.caches.left import Left, left_of
from lissom.lint.caches.system import APK_INDEX, APK_PACKAGES
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_VERSION = re.compile(r"([0-9]+)\.([0-9]+)")


def _doubt(left: Left) -> str:
    version = _VERSION.match(left.stage.base.tag) if left.stage.base.name == "alpine" else None
    old = version is not None and (int(version[1]), int(version[2])) < (3, 3)
    return "only Alpine since 3.3 knows --no-cache" if old else ""


_packages = checker(APK_PACKAGES, doubt=_doubt)


def _check(subject: Subject) -> Iterator[Found]:
    yield from _packages(subject)
    for left in left_of(subject, APK_INDEX):
        bare = found_of(subject, left, APK_INDEX)
        yield Found(bare.span, bare.message, _without(subject, left), bare.saves)


def _without(subject: Subject, left: Left) -> Fix | None:
    """The fix that takes an update out of a chain in which nothing reads the index."""
    if left.step.script is None or isinstance(left.stage.steps[left.index].instruction, Onbuild):
        return None
    if any(APK_INDEX.reader(call) for call in left.calls) or later_use(subject, left, APK_INDEX) is not Use.NONE:
        return None
    previous = ""
    for before, after in pairwise(left.step.script.body.parts):
        lone = before.command is left.call.simple and not left.call.behind and previous in ("", "&&", ";")
        previous = before.joiner
        if lone and before.joiner == "&&":
            edit = Edit(Span(before.command.span.start, after.command.span.start), "")
            because = "nothing reads the index that it fetches"
            return Fix("take out apk update", (edit,), Safety.SAFE, Equivalence.E1, because, paths=APK_INDEX.gone)
    return None


RULE = Rule(
    code="apk-cache",
    title="apk's index stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3019",),
)
