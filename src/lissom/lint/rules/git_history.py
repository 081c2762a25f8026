"""The history of a repository is in the image.

What: `git clone` in a RUN of the image whose `.git` is not removed in the same RUN; a `.git` that COPY takes by name;
ADD of a repository with --keep-git-dir.
Why: the app needs one state of the files. The history weighs often more than all of them, and holds what was once
committed by mistake.
Bad:
    FROM debian:bookworm
    RUN git clone https://example.com/tool.git /opt/tool
Good:
    FROM debian:bookworm
    RUN git clone --depth 1 https://example.com/tool.git /opt/tool && rm -rf /opt/tool/.git
Fix: provable (E1: .git is gone) when no later command calls git or a build that may read it: .git is removed at the end
of the RUN.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.calls.reading import calls_of
from lissom.lint.edits.ending import appended
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, plain
from lissom.lint.effects.steps import Laid, laid
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.lineage import steps_below
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_READERS = frozenset(("pip", "go", "cargo", "make", "cmake", "npm", "python", "mvn", "gradle"))  # versions by history


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    for row in rows:
        instruction = row.step.instruction
        if row.act.deed is Deed.CLONE and not _removed(row, rows):
            what = "`.git`" if row.act.detail else "the whole history of the repository"
            severity = Severity.INFO if row.act.detail else None
            message = f"{what} stays in {quoted(row.act.path)}"
            yield Found(
                row.act.command.span if row.act.command else row.act.span, message, _fix(subject, row), None, severity
            )
        elif row.act.deed is Deed.PLACE and _is_history(row.act.source) and isinstance(instruction, Copy | Add):
            yield Found(row.act.span, f"{quoted(row.act.source)} brings the whole history of the repository")
        elif isinstance(instruction, Add) and instruction.keep_git_dir and row.act.deed is Deed.PLACE:
            yield Found(row.act.span, "--keep-git-dir brings the history of the repository")


def _is_history(source: str) -> bool:
    return "://" not in source and "/" + source.strip("./") + "/" in ("/git/", "/git/objects/") and ".git" in source


def _removed(row: Laid, rows: list[Laid]) -> bool:
    """Whether a later command removes the clone or its .git; in a later RUN that is another finding."""
    history = row.act.path + "/.git"
    after = rows[rows.index(row) + 1 :]
    return any(one.act.deed is Deed.REMOVE and covers(one.act.path, history) for one in after)


def _fix(subject: Subject, row: Laid) -> Fix | None:
    path = row.act.path
    if not plain(path) or not row.act.sure:
        return None
    later = [call for step in steps_below(subject, subject.final)[row.number :] for call in calls_of(step)]
    if any(call.program in _READERS or (call.program == "git" and call.verb != "clone") for call in later):
        return None
    edit = appended(subject.dockerfile, row.step, f"rm -rf {path}/.git")
    if edit is None:
        return None
    return Fix(
        title="remove .git in the same RUN",
        edits=(edit,),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E1,
        because="no later command calls git or a build that may read the history",
        paths=(f"{path.strip('/')}/.git", f"{path.strip('/')}/.git/**"),
    )


RULE = Rule(
    code="git-history",
    title="The history of a repository is in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
