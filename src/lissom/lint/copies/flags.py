"""A RUN that changes modes or owners of what COPY brought, told to COPY instead."""

from __future__ import annotations

import re

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.copies.shortened_runs import without
from lissom.lint.copies.user_making import Moved, moved_users
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.paths import covers, overlap, parent, plain
from lissom.lint.effects.steps import GUESSED, Laid, unpacks
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.subject import Subject

__all__ = ["with_flags"]

_OCTAL = re.compile(r"0?[0-7]{3,4}")
_OWNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
_EXECUTABLE = ("+x", "a+x", "u+x", "ugo+x", "+rx", "a+rx", "u+rwx")
_STANDARD = (
    "/",
    "/etc",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/usr/bin",
    "/usr/local",
    "/usr/local/bin",
    "/var",
    "/var/lib",
)


def with_flags(subject: Subject, command: Simple, rows: list[Laid]) -> Fix | None:
    """COPY's ``--chown`` or ``--chmod`` in place of a command; None where COPY cannot say the same.

    The command must be of plain ``&&``, what it changes must have come with COPY and with nothing else, and the users
    that it names must be there when COPY runs.
    """
    acts = [row for row in rows if row.act.command is command]
    if not acts or not _only_sets(command, acts):
        return None
    step = acts[0].step
    copies = _copies(subject, acts, rows)
    if not copies or not all(_whole(one, acts, rows) for one, _ in copies.values()):
        return None
    first = min(copies)
    moved = Moved()
    if any(_needs_user(flag) for _, flag in copies.values()):
        found = moved_users(subject, copies[first][0].step, step, command)
        if found is None:
            return None
        moved = found
    kept = [(row.act, paths) for row in acts if (paths := _directories(row, copies, rows)) is not None]
    left = without(subject, step, command, moved.leading, kept)
    if left is None:
        return None
    edits: list[Edit] = []
    for at, (one, flag) in copies.items():
        before = (*(moved.commands if at == first else ()), *_made_before(one, flag, acts, rows))
        edits.append(_insert(subject, one, flag, before))
    return Fix(
        title="let COPY set the mode" if acts[0].act.deed is Deed.MODE else "let COPY set the owner",
        edits=(*edits, *moved.edits, *left),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E0,
        because="all that the command changes came with this COPY; what it changes beyond that, such as directories "
        "that COPY found, shows when both are built",
    )


def _only_sets(command: Simple, acts: list[Laid]) -> bool:
    """Whether the command surely sets modes or owners, and does nothing else."""
    return command.name in ("chmod", "chown") and all(
        row.act.deed in (Deed.MODE, Deed.OWNER) and row.act.sure for row in acts
    )


def _copies(subject: Subject, acts: list[Laid], rows: list[Laid]) -> dict[int, tuple[Laid, str]]:
    """The COPYs that brought what the acts change, by number, each with its flag; nothing if one has none."""
    copies: dict[int, tuple[Laid, str]] = {}
    for row in acts:
        brought = _brought(row.act, row.number, rows)
        flags = [_flag(subject, row.act, one) for one in brought]
        if not brought or None in flags:
            return {}
        for one, flag in zip(brought, flags, strict=True):
            if flag is None or copies.get(one.number, (one, flag))[1] != flag:
                return {}
            copies[one.number] = (one, flag)
    return copies


def _directories(row: Laid, copies: dict[int, tuple[Laid, str]], rows: list[Laid]) -> list[str] | None:
    """The directories below the one that an act changes with all that is in it; None where it changes a file.

    They stay with the command: a directory weighs nothing, and COPY does not change those that it finds.
    """
    top = row.act.path
    if not row.act.deep or any(one.act.path == top and not one.act.deep for one, _ in copies.values()):
        return None
    made = [one.act.path for one in rows if one.number <= row.number and one.act.deed is Deed.MKDIR]
    ends = [one.act.path if one.act.deep else parent(one.act.path) for one, _ in copies.values()]
    found: set[str] = set()
    for end in (*made, *ends):
        while covers(top, end) and end != top:
            found.add(end)
            end = parent(end)  # noqa: PLW2901 - up to the top
    return sorted(found)


def _brought(act: Act, number: int, rows: list[Laid]) -> list[Laid]:
    """The COPYs that put in place what an act changes; nothing when others did too."""
    found: list[Laid] = []
    for row in rows:
        if row.number >= number or row.act.deed is Deed.MKDIR:
            continue
        if not (covers(act.path, row.act.path) if act.deep else act.path == row.act.path):
            if row.act.deed in LEAVES and row.act.deep and covers(row.act.path, act.path):
                return []
            continue
        instruction = row.step.instruction
        if (
            row.act.deed is not Deed.PLACE
            or not isinstance(instruction, Copy | Add)
            or row.step.stage != rows[-1].step.stage
            or row.step.user
            or not plain(row.act.path)
        ):
            return []
        found.append(row)
    return found


def _flag(subject: Subject, act: Act, row: Laid) -> str | None:
    instruction = row.step.instruction
    if not isinstance(instruction, Copy | Add) or any(unpacks(instruction, one) for one in instruction.sources):
        return None
    if act.deed is Deed.OWNER:
        group = act.command is not None and act.command.name == "chgrp"
        fits = _OWNER.fullmatch(act.detail) and instruction.chown is None and not group and "." not in act.detail
        # chown without a group leaves it, and COPY made it 0.
        return f"--chown={act.detail if ':' in act.detail else act.detail + ':0'}" if fits else None
    if instruction.chmod is not None:
        return None
    if _OCTAL.fullmatch(act.detail):
        return f"--chmod={act.detail.lstrip('0') or '0'}"
    if act.detail in _EXECUTABLE and (not row.act.deep or row.act.detail == GUESSED):
        return f"--chmod={_executable(subject, row):o}"
    return None


def _executable(subject: Subject, row: Laid) -> int:
    source = row.act.source.strip("/").removeprefix("./")
    if subject.context is not None and source in subject.context.tree:
        return subject.context.tree[source].mode & 0o777 | 0o111
    return 0o755


def _whole(one: Laid, acts: list[Laid], rows: list[Laid]) -> bool:
    """Whether all that the COPY brings is changed, and nothing in between looked at it."""
    placed = [row.act.path for row in rows if row.number == one.number and row.act.deed is Deed.PLACE]
    if not all(
        any(row.act.path == path or (row.act.deep and covers(row.act.path, path)) for row in acts) for path in placed
    ):
        return False
    between = [row for row in rows if one.number < row.number < acts[0].number]
    return not any(overlap(row.act.path, path) for row in between for path in placed if row.act.deed is not Deed.READ)


def _needs_user(flag: str) -> bool:
    """Whether the flag names users or groups, which have to be there at COPY."""
    owner = flag.partition("=")[2] if flag.startswith("--chown") else "0"
    return not all(part.isdigit() or part == "root" for part in owner.split(":"))


def _made_before(one: Laid, flag: str, acts: list[Laid], rows: list[Laid]) -> tuple[str, ...]:
    """The command that makes the directory above what COPY brings: with --chown that would be the user's, if COPY made
    it. Nothing where it is there, or is his in any case.
    """
    above = parent(one.act.path)
    there = [row.act.path for row in rows if row.number < one.number and row.act.deed is not Deed.READ]
    his = any(row.act.deep and covers(row.act.path, above) for row in acts)
    if flag.startswith("--chmod") or above in _STANDARD or his or any(covers(above, path) for path in there):
        return ()
    return (f"mkdir -p {above}",)


def _insert(subject: Subject, one: Laid, flag: str, before: tuple[str, ...]) -> Edit:
    """The flag behind COPY, and commands that have to stand before it."""
    span = Span(one.step.instruction.span.start, one.step.instruction.span.start + len(one.step.instruction.keyword))
    newline = "\r\n" if "\r\n" in subject.dockerfile.source.text else "\n"
    run = f"RUN {' && '.join(before)}{newline}" if before else ""
    return Edit(span, f"{run}{subject.dockerfile.source.cut(span)} {flag}")
