"""The tree that something was built in stays in the image.

What: sources that a RUN of the image unpacked or cloned, or that COPY brought, in which `make install` and its like
then ran, and which nothing removes. Trees in stages whose layers are thrown away do not count.
Why: what was installed lies elsewhere. Sources and object files beside it are often ten times as large.
Bad:
    FROM gcc:13
    RUN git clone --depth 1 https://example.com/tool.git /usr/src/tool && make -C /usr/src/tool install
Good:
    FROM gcc:13
    RUN git clone --depth 1 https://example.com/tool.git /usr/src/tool && make -C /usr/src/tool install && \\
        rm -rf /usr/src/tool
Fix: provable (E1: the tree is gone) when the same RUN brought the tree and nothing later names it: it is removed at the
end of the RUN.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.edits.ending import appended
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, plain, within
from lissom.lint.effects.steps import Laid, effects_of, laid
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_MAKERS = ("make", "gmake", "ninja", "cmake", "meson", "scons")
_INSTALLING = ("install", "altinstall", "--install", "install-strip")
_BROUGHT = (Deed.UNPACK, Deed.CLONE, Deed.PLACE)
_SHALLOW = 2  # parts of a path that may well be a tree of its own


def _check(subject: Subject) -> Iterator[Found]:
    rows = list(laid(subject, subject.final))
    told: set[str] = set()
    for at, row in enumerate(rows):
        act = row.act
        if act.deed is not Deed.BUILD or act.path in told or act.command is None or not _installs(row):
            continue
        brought = next((one for one in reversed(rows[:at]) if _holds(one, act.path)), None)
        if brought is None or _removed(subject, row, rows[at + 1 :]):
            continue
        told.add(act.path)
        message = f"what was built in {quoted(act.path)} is installed, but sources and object files stay"
        yield Found(act.command.span, message, _fix(subject, row, brought))


def _installs(row: Laid) -> bool:
    command = row.act.command
    return row.act.detail in _MAKERS and command is not None and any(one in _INSTALLING for one in command.values)


def _holds(one: Laid, path: str) -> bool:
    return one.act.deed in _BROUGHT and one.act.deep and covers(one.act.path, path) and one.act.detail != "package"


def _removed(subject: Subject, row: Laid, after: list[Laid]) -> bool:
    if any(one.act.deed is Deed.REMOVE and covers(one.act.path, row.act.path) for one in after):
        return True
    effects = effects_of(row.step, subject)
    return effects is not None and any(command.name in ("rm", "xargs", "find") for command in effects.unknown)


def _fix(subject: Subject, row: Laid, brought: Laid) -> Fix | None:
    path = row.act.path
    if brought.number != row.number or not brought.act.sure or not row.act.sure:
        return None
    own = brought.act.deed is Deed.CLONE or within(path, brought.act.path)
    if not own or path.count("/") < _SHALLOW or not plain(path):
        return None
    if path.rpartition("/")[2] in subject.dockerfile.source.text[row.step.instruction.span.end :]:
        return None
    edit = appended(subject.dockerfile, row.step, f"rm -rf {path}")
    if edit is None:
        return None
    return Fix(
        title="remove the tree in the same RUN",
        edits=(edit,),
        safety=Safety.PROVABLE,
        equivalence=Equivalence.E1,
        because="the RUN brought the tree itself, and no later line names it",
        paths=(path.strip("/"), f"{path.strip('/')}/**"),
    )


RULE = Rule(
    code="build-tree-left",
    title="The tree that something was built in stays in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
