"""A RUN that changes modes or owners of what COPY brought, told to COPY instead."""

from __future__ import annotations

import re

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Add, Copy, Run
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.paths import covers, overlap, parent
from lissom.lint.effects.steps import GUESSED, Laid, unpacks
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.subject import StepView, Subject
from lissom.lint.user_making import Moved, moved_users, whole_lines

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
    if (
        command.name not in ("chmod", "chown")
        or not acts
        or any(row.act.deed not in (Deed.MODE, Deed.OWNER) or not row.act.sure for row in acts)
    ):
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
    deep = any(row.act.deep and _directory(row, copies) for row in acts)
    left = _without(subject, step, command, moved.leading, deep=deep)
    if left is None:
        return None
    edits = [_insert(subject, *copies[at], rows, moved.commands if at == first else ()) for at in copies]
    return Fix(
        title="let COPY set the mode" if acts[0].act.deed is Deed.MODE else "let COPY set the owner",
        edits=(*edits, *moved.edits, *left),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E0,
        because="all that the command changes came with this COPY; what it changes beyond that, such as directories "
        "that COPY found, shows when both are built",
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


def _directory(row: Laid, copies: dict[int, tuple[Laid, str]]) -> bool:
    return any(one.act.deep and one.act.path == row.act.path for one, _ in copies.values())


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
            or not _plain(row.act.path)
        ):
            return []
        found.append(row)
    return found


def _plain(path: str) -> bool:
    return path.startswith("/") and not any(char in path for char in " '\"\\;&|<>()$*?[")


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


def _insert(subject: Subject, one: Laid, flag: str, rows: list[Laid], before: tuple[str, ...]) -> Edit:
    """The flag behind COPY. Before it stand commands that have to, and with an owner the directories are made that COPY
    would make for him.
    """
    span = Span(one.step.instruction.span.start, one.step.instruction.span.start + len(one.step.instruction.keyword))
    above = parent(one.act.path)
    known = above in _STANDARD or any(
        row.number < one.number and covers(above, row.act.path) for row in rows if row.act.deed is not Deed.READ
    )
    if not flag.startswith("--chmod") and not known:
        before = (*before, f"mkdir -p {above}")
    newline = "\r\n" if "\r\n" in subject.dockerfile.source.text else "\n"
    run = f"RUN {' && '.join(before)}{newline}" if before else ""
    return Edit(span, f"{run}{subject.dockerfile.source.cut(span)} {flag}")


def _without(subject: Subject, step: StepView, command: Simple, leading: int, *, deep: bool) -> tuple[Edit, ...] | None:
    """The RUN without the command, and without ``leading`` commands at its begin. Where the command also changes a
    directory that COPY filled, only its -R goes.
    """
    script, run = step.script, step.instruction
    if script is None or not isinstance(run, Run) or run.heredocs or run.mounts:
        return None
    chain = script.chain
    if chain is None or not any(one is command for one in chain):
        return None
    at = next(at for at, one in enumerate(chain) if one is command)
    start = chain[0].span.start if leading else command.span.start
    if deep:
        option = _recursive(subject, command)
        cut = Edit(Span(start, command.span.start), "")
        return None if option is None else (cut, option) if leading else (option,)
    if leading + 1 == len(chain) or len(chain) == 1:
        return (Edit(whole_lines(subject, run), ""),)
    if at + 1 < len(chain):
        return (Edit(Span(start, chain[at + 1].span.start), ""),)
    return (Edit(Span(chain[at - 1].span.end, command.span.end), ""),)


def _recursive(subject: Subject, command: Simple) -> Edit | None:
    """The edit that takes -R away, with a blank."""
    text = subject.dockerfile.source.text
    option = next((word for word in command.words[1:] if word.value in ("-R", "--recursive")), None)
    if option is None:
        return None
    if text[option.span.end : option.span.end + 1] == " ":
        return Edit(Span(option.span.start, option.span.end + 1), "")
    before = text[option.span.start - 1 : option.span.start] == " "
    return Edit(Span(option.span.start - 1, option.span.end), "") if before else None
