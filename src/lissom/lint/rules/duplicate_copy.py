"""The same content is stored twice at different places.

What: one source that two COPYs bring to different places, and `cp` in a RUN of what an earlier instruction put into the
image or built there: original and copy are both shipped. Small settings that are copied from an example are only a
hint.
Why: layers do not share content between paths: every copy weighs in full.
Bad:
    FROM debian:bookworm-slim
    COPY . /srv/src
    RUN cp -r /srv/src/site /var/www/site
Good:
    FROM debian:bookworm-slim
    COPY site /var/www/site
Fix: unsafe (E3) where all that later lines do with a copied directory is `cp` out of it, each alone in its RUN: COPY
brings it to the right places, and the directory is gone. Only the app can tell that it reads nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Copy
from lissom.lint.copies.straight import straight
from lissom.lint.effects.act import LEAVES, Deed
from lissom.lint.effects.paths import covers, joined, overlap, within
from lissom.lint.effects.steps import Laid, effects_of, laid
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import line_of, quoted

__all__ = ["RULE"]

_MANIFESTS = ("package.json", "package-lock.json", "requirements", "go.mod", "go.sum", "pom.xml", "Cargo", "Gemfile")


_OUTPUT = frozenset(("target", "build", "dist", "out", "bin", "release", "Release", "_build", ".build"))


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    yield from _twice(subject, rows)
    yield from _copied(subject, rows)


def _twice(subject: Subject, rows: list[Laid]) -> Iterator[Found]:
    seen: dict[tuple[str, str], Laid] = {}
    for row in rows:
        instruction = row.step.instruction
        fetched = row.act.deed is Deed.FETCH and "://" in row.act.source and "${" not in row.act.source
        if not fetched and (row.act.deed is not Deed.PLACE or row.act.source == "<<"):
            continue
        origin = instruction.from_ or "" if isinstance(instruction, Copy) else ""
        source = row.act.source if "://" in row.act.source else joined("/", row.act.source)
        first = seen.setdefault((origin, source), row)
        if first is row or row.act.source.startswith(_MANIFESTS):
            continue
        if first.act.path == row.act.path and not row.act.deep:
            continue
        line = line_of(subject, first.act.span)
        message = f"{quoted(row.act.source)} is stored a second time: line {line} brings it to {quoted(first.act.path)}"
        yield Found(row.act.span, message)


def _copied(subject: Subject, rows: list[Laid]) -> Iterator[Found]:
    fixed: set[int] = set()
    for row in rows:
        act = row.act
        if act.deed is not Deed.COPY or act.command is None or act.command.name == "install":
            continue
        lower = next((one for one in reversed(rows) if _is_kept(one, row, rows) and _holds(one, act.source)), None)
        if overlap(act.source, act.path):
            continue
        if lower is None:
            if built := _built(row, rows):
                message = f"{quoted(act.source)} is stored a second time at {quoted(act.path)}: line {{}} built it"
                yield Found(act.command.span, message.format(line_of(subject, built.act.span)))
            elif act.deep and _of_below(subject, row, rows):
                message = f"{quoted(act.source)} of a lower layer is stored a second time at {quoted(act.path)}"
                yield Found(act.command.span, message, severity=Severity.INFO)
            continue
        line = line_of(subject, lower.act.span)
        message = f"{quoted(act.source)} is stored a second time at {quoted(act.path)}: it came with line {line}"
        fix = straight(subject, lower, rows) if lower.number not in fixed else None
        fixed |= {lower.number} if fix else set()
        yield Found(act.command.span, message, fix, severity=None if act.deep else Severity.INFO)


def _is_kept(one: Laid, row: Laid, rows: list[Laid]) -> bool:
    """Whether the original stays: it lies in a lower layer, or the step that copies it fetched and kept it."""
    if one.number != row.number or one.act is row.act:
        return one.number < row.number
    after = [other.act for other in rows if other.number == row.number and other.act.deed in (Deed.REMOVE, Deed.MOVE)]
    gone = any(covers(act.source if act.deed is Deed.MOVE else act.path, one.act.path) for act in after)
    return one.act.deed in (Deed.FETCH, Deed.CLONE) and not gone and one.act.span.start < row.act.span.start


def _built(row: Laid, rows: list[Laid]) -> Laid | None:
    """The build of a lower layer that wrote what is copied, by the name of the directory that it lies in."""
    if _OUTPUT.isdisjoint(row.act.source.split("/")[:-1]):
        return None
    builds = [one for one in rows if one.number < row.number and one.act.deed is Deed.BUILD]
    return next((one for one in reversed(builds) if within(row.act.source, one.act.path)), None)


def _of_below(subject: Subject, row: Laid, rows: list[Laid]) -> bool:
    """Whether a lower layer surely holds the source, though no line says so: it came with the base or a package."""
    source, effects = row.act.source, effects_of(row.step, subject)
    if effects is None or not effects.known:
        return False
    if not any(covers(one, source) for one in ("/usr", "/opt", "/var/lib", "/lib")):
        return False
    made = [one for one in rows if one.number <= row.number and one.act is not row.act and one.act.path != "/"]
    return not any(overlap(one.act.path, source) for one in made if one.act.deed is not Deed.READ)


def _holds(one: Laid, path: str) -> bool:
    act = one.act
    if act.deed not in LEAVES or act.path == "/":
        return False
    if act.deed is Deed.BUILD:
        return False
    return covers(path, act.path) or (act.deep and within(path, act.path))


RULE = Rule(
    code="duplicate-copy",
    title="The same content is stored twice at different places",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
