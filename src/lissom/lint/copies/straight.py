"""A directory that COPY brings only so that RUNs copy out of it: told to COPY at once."""

from __future__ import annotations

from lissom.dockerfile.source import Edit
from lissom.dockerfile.syntax import Copy, Run
from lissom.lint.copies.user_making import whole_lines
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.paths import covers, overlap, plain
from lissom.lint.effects.steps import Laid, cwd_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.lineage import steps_below
from lissom.lint.subject import Subject

__all__ = ["straight"]

_OPTIONS = frozenset(
    ("-r", "-R", "-a", "-f", "-p", "-rf", "-Rf", "-fr", "-v", "-av", "-rp", "--recursive", "--archive")
)


def straight(subject: Subject, copied: Laid, rows: list[Laid]) -> Fix | None:
    """COPY to the right places, in place of one to somewhere and `cp` from there. None unless every later use of what
    was copied is such a `cp`, alone in its RUN, to a place that is not there yet.
    """
    copy, top = copied.step.instruction, copied.act.path
    if not isinstance(copy, Copy) or copy.flags or copy.heredocs or len(copy.sources) != 1 or not copied.act.deep:
        return None
    if (
        not plain(top)
        or top.count("/") < 2
        or any(one.act.deed is not Deed.MKDIR for one in _before(copied, rows, top))
    ):
        return None
    uses = [row for row in rows if row.number > copied.number and _touches(row.act, top)]
    edits = [_edit(copy, row, top, rows) for row in uses]
    steps = {row.number for row in uses}
    if (
        not uses
        or len(steps) != len(uses)
        or any(edit is None for edit in edits)
        or _named(subject, copied, steps, top)
    ):
        return None
    return Fix(
        title="copy to the right place at once",
        edits=(Edit(whole_lines(subject, copy), ""), *(edit for edit in edits if edit)),
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because=f"{top} is gone, and only the app's probes can tell that it reads nothing there",
        paths=(top.strip("/"), f"{top.strip('/')}/**"),
    )


def _before(copied: Laid, rows: list[Laid], top: str) -> list[Laid]:
    return [row for row in rows if row.number < copied.number and covers(top, row.act.path)]


def _touches(act: Act, top: str) -> bool:
    return overlap(act.path, top) or (bool(act.source) and act.source.startswith("/") and overlap(act.source, top))


def _edit(copy: Copy, row: Laid, top: str, rows: list[Laid]) -> Edit | None:
    act, script, run = row.act, row.step.script, row.step.instruction
    if act.deed is not Deed.COPY or act.command is None or act.command.name != "cp" or script is None:
        return None
    if script.chain != (act.command,) or not isinstance(run, Run) or run.flags or run.heredocs or row.step.user:
        return None
    operands = [value for value in act.command.values if not value.startswith("-")]
    options = [value for value in act.command.values if value.startswith("-")]
    if len(operands) != 2 or not set(options) <= _OPTIONS or act.command.redirections:
        return None
    rest = act.source.removeprefix(top).strip("/")
    if not covers(top, act.source) or not rest or not plain(act.path) or not plain(act.source):
        return None
    same = act.path.rpartition("/")[2] == act.source.rpartition("/")[2]
    earlier = [one for one in rows if one.number < row.number and one.act.deed is not Deed.READ]
    if (not same and "." not in act.path.rpartition("/")[2]) or any(covers(act.path, one.act.path) for one in earlier):
        return None
    source = "/".join(part for part in (copy.sources[0].removeprefix("./").strip("/").removeprefix("."), rest) if part)
    return Edit(run.span, f"COPY {source} {act.path}") if not copy.from_ and plain("/" + source) else None


def _named(subject: Subject, copied: Laid, uses: set[int], top: str) -> bool:
    """Whether another instruction names the place, or runs in it."""
    steps = list(enumerate(steps_below(subject, subject.final)))
    others = [step for number, step in steps if number > copied.number and number not in uses]
    elsewhere = [step for stage in subject.stages if not stage.shipped for step in stage.steps]
    runs_there = any(covers(top, cwd_of(step, subject)) for step in others)
    return runs_there or any(top in step.instruction.text for step in (*others, *elsewhere))
