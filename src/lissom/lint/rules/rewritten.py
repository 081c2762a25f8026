"""A RUN changes files of earlier layers, which stores them again.

What: chmod, chown, chgrp, setfacl, mv, strip and their like over what an earlier COPY, ADD or RUN put in place, also a
recursive one over directories of the base image; as a hint, mv of what a lower layer holds though no line says so.
Directories without files and what the same RUN made do not count.
Why: a layer holds whole files. Changing one bit of the mode stores the whole content a second time.
Bad:
    FROM debian:bookworm-slim
    COPY app /opt/app
    RUN chown -R 1000:1000 /opt/app
Good:
    FROM debian:bookworm-slim
    COPY --chown=1000:1000 app /opt/app
Fix: provable (E0) where the files came with COPY alone, the mode is a number (or +x on single files) and the owner is
there before COPY: the flag goes to COPY. COPY's --chown owns the directories it makes, too, and a mode with an X or a
`g+w` has no form in COPY, so those stay; the build of both shows what else differs.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.copies.flags import with_flags
from lissom.lint.effects.act import LEAVES, Act, Deed
from lissom.lint.effects.paths import covers, overlap, parent, within
from lissom.lint.effects.steps import GUESSED, Laid, effects_of, laid
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.waste_shown import hidden_by
from lissom.lint.wording import and_more, line_of

__all__ = ["RULE"]

_CHANGES = (Deed.MODE, Deed.OWNER, Deed.MOVE, Deed.EDIT)
_STORES = (Deed.EDIT, Deed.WRITE, Deed.FETCH)
_HEAVY_EDITS = frozenset(("strip", "upx", "patchelf", "setcap", "gzip", "xz", "bzip2"))
_HEAVY = ("/usr", "/opt", "/var/lib/gems", "/var/lib/postgresql", "/lib", "/root")
_EMPTY = ("/usr/share/nginx/html", "/usr/src/app", "/usr/local/etc", "/usr/share/nginx", "/usr/local/bin", "/usr/src")


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    by_command: dict[int, list[Laid]] = {}
    for row in rows:
        if row.act.deed in _CHANGES and row.act.command is not None and not _light(row.act):
            by_command.setdefault(row.act.command.span.start, []).append(row)
    for group in by_command.values():
        found = _found(subject, group, rows)
        if found:
            yield found


def _light(act: Act) -> bool:
    return act.deed is Deed.EDIT and (act.command is None or act.command.name not in _HEAVY_EDITS)


def _found(subject: Subject, group: list[Laid], rows: list[Laid]) -> Found | None:
    act, command = group[0].act, group[0].act.command
    assert command is not None
    hit = [(row.act, lower) for row in group if (lower := _lower(row, rows)) is not None]
    if not hit:
        return _over_base(group, rows) or _from_below(subject, group, rows)
    lower = hit[0][1]
    names = and_more(_subject_of(one) for one, _ in hit)
    what = {Deed.MODE: "mode", Deed.OWNER: "owner", Deed.MOVE: "place", Deed.EDIT: "content"}[act.deed]
    message = f"stored again for another {what}: {names}, from line {line_of(subject, lower.act.span)}"
    guessed = act.deed is Deed.OWNER and not act.deep and lower.act.detail == GUESSED
    single = guessed or (act.deed is Deed.MODE and not act.deep and len(hit) == 1)
    return Found(
        command.span,
        message,
        with_flags(subject, command, rows),
        hidden_by(subject, group[0].step.instruction, "rewritten", "overwritten"),
        Severity.INFO if single else None,
    )


def _subject_of(act: Act) -> str:
    return act.source if act.deed is Deed.MOVE else act.path


def _lower(row: Laid, rows: list[Laid]) -> Laid | None:
    """What an earlier step left there, the newest first."""
    act, path = row.act, _subject_of(row.act)
    own = [one.act for one in rows if one.number == row.number and one.act.span.start < act.span.start]
    if any(one.path == path and one.deed in _STORES for one in own):
        return None  # its own step stores the file in any case
    for one in reversed(rows):
        if one.number >= row.number or one.act.deed not in LEAVES:
            continue
        if act.deed is Deed.OWNER and _owned_already(one, act):
            continue
        beside = act.deed is Deed.MOVE and _unpacked_beside(one.act, path, own)
        if beside or (act.deep and covers(path, one.act.path)):
            return one
        if not act.deep and path == one.act.path and (not one.act.deep or one.act.detail == GUESSED):
            return one
        if not act.deep and "*" in path and covers(path, one.act.path) and not one.act.deep:
            return one
        if one.act.deep and (within(path, one.act.path) or (act.deep and path == one.act.path)) and one.act.path != "/":
            return one
    return None


def _unpacked_beside(act: Act, path: str, own: list[Act]) -> bool:
    """Whether what is moved comes from an archive that an earlier step, and not its own, unpacked in its directory."""
    beside = (Deed.UNPACK, parent(path))
    return (act.deed, act.path) == beside and not any(one.deed in LEAVES and covers(one.path, path) for one in own)


def _owned_already(one: Laid, act: Act) -> bool:
    instruction = one.step.instruction
    return isinstance(instruction, Copy | Add) and instruction.chown is not None and instruction.chown == act.detail


def _over_base(group: list[Laid], rows: list[Laid]) -> Found | None:
    """A recursive change of a tree that the base brought."""
    for row in group:
        act = row.act
        path = _subject_of(act)
        heavy = path == "/" or (any(covers(one, path) for one in _HEAVY) and path not in _EMPTY)
        many = act.deep or (act.deed is Deed.EDIT and "*" in path)
        if not many or not heavy or act.command is None or act.detail == "find":
            continue
        made = [one for one in rows if one.number <= row.number and one.act.deed in (*LEAVES, Deed.MKDIR)]
        if not any(overlap(one.act.path, path) for one in made if one.act is not act and one.act.path != "/"):
            return Found(act.command.span, f"every file of the base below {and_more([path])} is stored again")
    return None


def _from_below(subject: Subject, group: list[Laid], rows: list[Laid]) -> Found | None:
    """A move of what no line speaks of, in a RUN that is understood and did not make it: a lower layer holds it."""
    row = group[0]
    act, effects = row.act, effects_of(row.step, subject)
    if act.deed is not Deed.MOVE or act.command is None or effects is None or not effects.known:
        return None
    own = [one.act for one in rows if one.number == row.number and one.act is not act]
    if act.source.startswith(("${", "/etc/")) or any(overlap(one.path, act.source) for one in own):
        return None
    message = f"stored again for another place: {and_more([act.source])}, from a layer below"
    return Found(act.command.span, message, severity=Severity.INFO)


RULE = Rule(
    code="rewritten",
    title="Files of earlier layers are stored again for another mode or owner",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
