"""A RUN that changes modes or owners of what COPY brought, told to COPY instead."""

from __future__ import annotations

import re

from lissom.dockerfile.shell.script import Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Add, Copy, Run
from lissom.lint.caches.call import calls_of
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.paths import covers, overlap, parent
from lissom.lint.effects.steps import GUESSED, Laid, unpacks
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.subject import StepView, Subject

__all__ = ["with_flags"]

_OCTAL = re.compile(r"0?[0-7]{3,4}")
_OWNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
_EXECUTABLE = ("+x", "a+x", "u+x", "ugo+x", "+rx", "a+rx", "u+rwx")
_STANDARD = frozenset(
    (
        "/",
        "/usr/local/bin",
        "/usr/local",
        "/usr/bin",
        "/etc",
        "/opt",
        "/srv",
        "/home",
        "/root",
        "/var/lib",
        "/var",
    )
)
_USERS = frozenset(("useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"))


def with_flags(subject: Subject, command: Simple, rows: list[Laid]) -> Fix | None:
    """COPY's ``--chown`` or ``--chmod`` in place of a command; None where COPY cannot say the same.

    The command must be of plain ``&&``, what it changes must have come with COPY and with nothing else, and the users
    that it names must be there when COPY runs.
    """
    acts = [row for row in rows if row.act.command is command]
    if not acts or any(row.act.deed not in (Deed.MODE, Deed.OWNER) or not row.act.sure for row in acts):
        return None
    step, number = acts[0].step, acts[0].number
    copies: dict[int, tuple[Laid, str]] = {}
    for row in acts:
        brought = _brought(row.act, number, rows)
        if not brought:
            return None
        for one in brought:
            flag = _flag(subject, row.act, one)
            if flag is None or copies.get(one.number, (one, flag))[1] != flag:
                return None
            copies[one.number] = (one, flag)
    if not all(_whole(one, acts, rows) and _users_there(subject, one, step, flag) for one, flag in copies.values()):
        return None
    left = _without(subject, step, command, deep=any(row.act.deep and _directory(row, copies) for row in acts))
    if left is None:
        return None
    edits = [_insert(subject, one, flag, rows) for one, flag in copies.values()]
    return Fix(
        title="let COPY set the mode" if acts[0].act.deed is Deed.MODE else "let COPY set the owner",
        edits=(*edits, left),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E0,
        because="all that the command changes came with this COPY; what it changes beyond that, such as directories "
        "that COPY found, shows when both are built",
    )


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


def _users_there(subject: Subject, one: Laid, step: StepView, flag: str) -> bool:
    """Whether no step between COPY and the command makes users: those that it names may not be there at COPY."""
    owner = flag.partition("=")[2] if flag.startswith("--chown") else "0"
    if all(part.isdigit() or part == "root" for part in owner.split(":")):
        return True
    steps = subject.stages[step.stage].steps
    between = steps[steps.index(one.step) + 1 : steps.index(step) + 1]
    return not any(call.program in _USERS for between_step in between for call in calls_of(between_step))


def _insert(subject: Subject, one: Laid, flag: str, rows: list[Laid]) -> Edit:
    """The flag behind COPY; with an owner, directories that COPY would make for him are made before."""
    span = Span(one.step.instruction.span.start, one.step.instruction.span.start + len(one.step.instruction.keyword))
    above = parent(one.act.path)
    keyword = subject.dockerfile.source.cut(span)
    known = above in _STANDARD or any(
        row.number < one.number and covers(above, row.act.path) for row in rows if row.act.deed is not Deed.READ
    )
    if flag.startswith("--chmod") or known:
        return Edit(span, f"{keyword} {flag}")
    newline = "\r\n" if "\r\n" in subject.dockerfile.source.text else "\n"
    return Edit(span, f"RUN mkdir -p {above}{newline}{keyword} {flag}")


def _without(subject: Subject, step: StepView, command: Simple, *, deep: bool) -> Edit | None:
    """The RUN without the command. Where it also changes a directory that COPY filled, only its -R goes."""
    script, run = step.script, step.instruction
    if script is None or not isinstance(run, Run) or run.heredocs or run.mounts:
        return None
    chain = script.chain
    if chain is None or not any(one is command for one in chain):
        return None
    source = subject.dockerfile.source
    if deep:
        option = next((word for word in command.words[1:] if word.value in ("-R", "--recursive")), None)
        following = option and source.text[option.span.end : option.span.end + 1] == " "
        return Edit(Span(option.span.start, option.span.end + 1), "") if option and following else None
    at = next(at for at, one in enumerate(chain) if one is command)
    if len(chain) == 1:
        end = run.span.end
        while source.text[end : end + 1] in ("\r", "\n") and source.text[end : end + 1]:
            end += 1
            if source.text[end - 1] == "\n":
                break
        return Edit(Span(run.span.start, end), "")
    if at + 1 < len(chain):
        return Edit(Span(command.span.start, chain[at + 1].span.start), "")
    return Edit(Span(chain[at - 1].span.end, command.span.end), "")
