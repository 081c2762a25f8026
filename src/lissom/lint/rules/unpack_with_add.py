"""COPY brings an archive that a RUN unpacks.

What: a local tar archive (plain, gzip, bzip2, xz, zstd) that COPY puts in place and a later RUN unpacks with tar. Not
named are zip files, which ADD does not unpack, archives from other stages and single compressed files, which hadolint's
DL3010 names too; that one misses archives that tar unpacks elsewhere by -C.
Why: the archive stays in COPY's layer for ever, even when the RUN removes it. ADD unpacks it at once.
Bad:
    FROM debian:bookworm
    COPY site.tar.gz /tmp/
    RUN tar xzf /tmp/site.tar.gz -C /srv && rm /tmp/site.tar.gz
Good:
    FROM debian:bookworm
    ADD site.tar.gz /srv/
Fix: provable (E1: the archive is gone) when the RUN does nothing but unpack, with no options but -C, and perhaps
remove the archive, and what is below names it only in RUNs that do nothing but remove it: they go as well.
hadolint: DL3010 goes by names, also where the archive is copied under another; here the RUN has to unpack it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Copy, Run
from lissom.lint.edits.ending import with_line_end
from lissom.lint.effects.steps import Laid, laid, unpacks_later
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import line_of, quoted

__all__ = ["RULE"]

_LETTERS = frozenset("xzjJvfCp-")


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    for row in rows:
        if not unpacks_later(row, rows):
            continue
        tar = next(one for one in rows if one.number > row.number and one.act.source == row.act.path)
        line = line_of(subject, tar.act.span)
        message = f"{quoted(row.act.source)} stays in this layer, packed; ADD would unpack it as line {line} does"
        yield Found(row.act.span, message, _fix(subject, row, tar))


def _fix(subject: Subject, row: Laid, tar: Laid) -> Fix | None:
    copy, run, script = row.step.instruction, tar.step.instruction, tar.step.script
    if not isinstance(copy, Copy) or not isinstance(run, Run) or script is None or script.chain is None:
        return None
    if copy.heredocs or copy.chmod or copy.chown or copy.parents or copy.exclude or len(copy.sources) != 1 or run.flags:
        return None
    target = tar.act.path
    if target == "/" or not target.startswith("/") or any(char in target for char in "$*'\" ") or tar.step.user:
        return None
    if not all(_unpacks(one) or _removes(one, row.act.path) or _makes(one, target) for one in script.chain):
        return None
    source = subject.dockerfile.source
    idle = _removals(subject, run, row.act.path)
    if idle is None:
        return None
    return Fix(
        title="unpack with ADD",
        edits=(
            Edit(Span(copy.span.start, copy.span.end), f"ADD {copy.sources[0]} {target}/"),
            *(Edit(with_line_end(source, one.span), "") for one in (run, *idle)),
        ),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E1,
        because="ADD unpacks as tar does; owners that the archive names and the directory's own mode show in the build",
        paths=(row.act.path.strip("/"),),
    )


def _removals(subject: Subject, run: Run, path: str) -> list[Run] | None:
    """The later RUNs that only remove the archive; None when something else below may speak of it."""
    found, name = [], path.rpartition("/")[2]
    steps = [step for stage in subject.stages for step in stage.steps if step.instruction.span.start > run.span.start]
    for step in steps:
        instruction = step.instruction
        chain = (step.script and step.script.chain) or ()
        if chain and isinstance(instruction, Run) and all(_removes(one, path) for one in chain):
            found.append(instruction)
        elif name in subject.dockerfile.source.cut(instruction.span):
            return None
    return found


def _unpacks(command: Simple) -> bool:
    if command.name != "tar" or command.redirections or len(command.words) not in (3, 5):
        return False
    options = [word.value or "" for word in command.words[1:] if (word.value or "").startswith("-")]
    bundled = command.words[1].value or ""
    return all(set(option) <= _LETTERS for option in [*options, bundled]) and "x" in bundled


def _removes(command: Simple, path: str) -> bool:
    values = command.values
    return command.name == "rm" and bool(values) and values[-1] == path and all(v.startswith("-") for v in values[:-1])


def _makes(command: Simple, target: str) -> bool:
    return command.name == "mkdir" and command.values in (("-p", target), (target,))


RULE = Rule(
    code="unpack-with-add",
    title="COPY brings an archive that a RUN unpacks",
    category=Category.SIZE,
    severity=Severity.WARNING,
    aliases=("DL3010",),
    check=_check,
    page=__doc__ or "",
)
