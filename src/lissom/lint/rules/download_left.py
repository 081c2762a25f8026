"""An archive or installer that was downloaded stays beside what it held.

What: a file that a RUN downloads (or ADD fetches from an address), then unpacks, installs or executes, and that the
same RUN does not remove. What goes straight through a pipe leaves nothing.
Why: the image carries the content twice, packed and unpacked.
Bad:
    FROM debian:bookworm
    RUN curl -fsSLo /tmp/tool.tar.gz https://example.com/tool.tar.gz && tar xzf /tmp/tool.tar.gz -C /opt
Good:
    FROM debian:bookworm
    RUN curl -fsSLo /tmp/t.tar.gz https://example.com/tool.tar.gz && tar xzf /tmp/t.tar.gz -C /opt && rm /tmp/t.tar.gz
Fix: provable (E1: the archive is gone) when nothing later names the file: it is removed at the end of the RUN.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.edits.ending import appended
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.archives import is_archive
from lissom.lint.effects.paths import covers, flat, joined, plain
from lissom.lint.effects.steps import Laid, cwd_of, effects_of, laid, unpacks_later
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_INSTALLERS = (".sh", ".run", ".bin", ".deb", ".rpm", ".apk", ".whl", ".py", ".bundle")
_BROUGHT = (Deed.FETCH, Deed.PLACE, Deed.WRITE)


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    for at, row in enumerate(rows):
        if row.act.deed not in _BROUGHT or row.act.deep or unpacks_later(row, rows):
            continue
        used = next((one for one in rows[at + 1 :] if _uses(one.act, row.act)), None)
        if used is None or _gone(subject, row, rows[at + 1 :]):
            continue
        message = f"{quoted(row.act.path)} stays in the image, packed, beside what it held"
        yield Found(row.act.span, message, _fix(subject, row, used))


def _uses(act: Act, brought: Act) -> bool:
    path = brought.path
    if act.deed is Deed.UNPACK:
        return act.source == path or (act.source != "-" and "*" in act.source and covers(act.source, path))
    if act.deed is not Deed.READ or act.path != path:
        return False
    if brought.deed is Deed.PLACE:
        return act.detail in ("apt-get", "apt", "dnf", "yum", "apk", "pip", "pip3") and is_archive(path)
    return act.detail != "" and path.lower().endswith(_INSTALLERS)


def _gone(subject: Subject, row: Laid, after: list[Laid]) -> bool:
    """Whether something removes or moves it, or might."""
    for one in after:
        moved = one.act.source if one.act.deed is Deed.MOVE else one.act.path
        if one.act.deed in (Deed.REMOVE, Deed.MOVE) and covers(moved, row.act.path):
            return True
    effects = effects_of(row.step, subject)
    return effects is not None and any(command.name in ("rm", "xargs", "find") for command in effects.unknown)


def _fix(subject: Subject, row: Laid, used: Laid) -> Fix | None:
    path = row.act.path
    if used.number != row.number or not row.act.sure or not used.act.sure:
        return None
    if not plain(path):
        return None
    written = _as_written(subject, row, used)
    if not written or _named_later(subject, row, written.strip("\"'").rpartition("/")[2]):
        return None
    edit = appended(subject.dockerfile, row.step, f"rm {written}")
    if edit is None:
        return None
    return Fix(
        title="remove it in the same RUN",
        edits=(edit,),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E1,
        because="no later instruction names the file",
        paths=(path.strip("/"),),
    )


def _as_written(subject: Subject, row: Laid, used: Laid) -> str:
    """The path as the RUN writes it, so that variables in it are still followed; empty when it is put together."""
    path, source = row.act.path, subject.dockerfile.source
    directory, _, name = path.rpartition("/")
    if name in source.cut(row.step.instruction.span):
        return path
    cwd = cwd_of(row.step, subject)
    commands = row.step.script.commands() if row.step.script else ()
    moves = any(command.name in ("cd", "pushd", "popd") for command in commands)
    for word in used.act.command.words[1:] if used.act.command else ():
        text, written = flat(word, row.step.env) or "", source.cut(word.span)
        if text == path or (joined(cwd, text) == path and not moves):
            return written
        if text == name and directory and not any(char in directory for char in " '\"$"):
            return f'"{directory}/{written[1:]}' if written.startswith('"') else f"{directory}/{written}"
    return ""


def _named_later(subject: Subject, row: Laid, written: str) -> bool:
    name = row.act.path.rpartition("/")[2]
    directory = row.act.path.rpartition("/")[0]
    rest = subject.dockerfile.source.text[row.step.instruction.span.end :]
    takes_all = any(
        isinstance(step.instruction, Copy | Add) and f" {directory}" in step.instruction.text
        for stage in subject.stages[row.step.stage + 1 :]
        for step in stage.steps
    )
    return name in rest or written in rest or (bool(directory) and takes_all)


RULE = Rule(
    code="download-left",
    title="A downloaded archive stays beside what it held",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
