"""What an instruction adds, a later RUN removes.

What: a file or directory that COPY, ADD or a RUN puts in place (also: downloads, unpacks, clones) and that a later RUN
of the image removes. Packages count too that one RUN installs and a later one purges. Stages whose layers are thrown
away do not count.
Why: a layer never shrinks. The later RUN only hides the file; everybody who pulls the image still loads it, and what
was secret in it can be read.
Bad:
    FROM debian:bookworm-slim
    COPY installer.bin /tmp/installer.bin
    RUN sh /tmp/installer.bin && rm /tmp/installer.bin
Good:
    FROM debian:bookworm-slim
    RUN --mount=type=bind,source=installer.bin,target=/mnt/installer.bin sh /mnt/installer.bin
Fix: provable (E0) where COPY brings one file for the RUN right behind it, which removes it: that RUN gets a mount of
the file. Where two neighbouring RUNs add and remove, the rule `late-removal` joins them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.calls.reading import calls_of
from lissom.lint.copies.bind_mounts import mounted
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.holding import brought
from lissom.lint.effects.paths import within
from lissom.lint.effects.steps import Laid, laid, unpacks_later
from lissom.lint.lineage import steps_below
from lissom.lint.packages.installs import installed, removes
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import and_more, line_of

__all__ = ["RULE"]

_SMALL = frozenset(("echo", "printf", "touch", "env"))


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    killers = [row for row in rows if row.act.deed is Deed.REMOVE]
    told: dict[tuple[int, int], list[tuple[Laid, Laid]]] = {}
    for row in rows:
        if row.act.deed not in LEAVES or _small(row.act) or unpacks_later(row, rows):
            continue
        killer = next((one for one in killers if one.number > row.number and brought(subject, row.act, one.act)), None)
        if killer:
            told.setdefault((row.number, line_of(subject, killer.act.span)), []).append((row, killer))
    for (_, line), found in told.items():
        row, killer = found[0]
        saves = subject.measured(row.step.instruction, "deleted")
        names = and_more(_gone(one.act, last.act) for one, last in found)
        fix = mounted(subject, row, killer) if len(found) == 1 else None
        yield Found(row.act.span, f"line {line} removes {names}, but this layer keeps the bytes", fix, saves)
    yield from _packages(subject)


def _gone(added: Act, killer: Act) -> str:
    """The path that is removed: of a directory of which only a part goes, that part."""
    return killer.path if within(killer.path, added.path) else added.path


def _small(act: Act) -> bool:
    return act.deed is Deed.WRITE and act.command is not None and act.command.name in _SMALL


def _packages(subject: Subject) -> Iterator[Found]:
    steps = steps_below(subject, subject.final)
    gone = [(at, name, call.span) for at, step in enumerate(steps) for call in calls_of(step) for name in removes(call)]
    for at, step in enumerate(steps):
        later = {name: span for number, name, span in reversed(gone) if number > at}
        hit = [one for one in installed(step) if one.name in later]
        if hit:
            line = line_of(subject, later[hit[0].name])
            names = and_more(one.name for one in hit)
            yield Found(hit[0].word.span, f"line {line} removes {names}, but this layer keeps the bytes")


RULE = Rule(
    code="deleted-later",
    title="What is removed by a later instruction stays in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
