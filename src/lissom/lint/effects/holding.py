"""Whether what one act removes is what another one brought."""

from __future__ import annotations

from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.paths import covers, within
from lissom.lint.subject import Subject

__all__ = ["brought"]

_MADE = frozenset(("node_modules", "target", "dist", "build", "obj", "bin", "__pycache__", ".cache", ".gradle"))


def brought(subject: Subject, added: Act, removed: Act) -> bool:
    """Whether ``removed`` names what ``added`` put in place, or a part of a directory of it.

    Of a part it is told by the build context, where that is known, else by its name: what builds make did not come with
    COPY.
    """
    if covers(removed.path, added.path):
        return removed.detail != "find" and added.deed is not Deed.BUILD
    if not added.deep or not within(removed.path, added.path) or "${" in removed.path.removeprefix("${PWD}"):
        return False
    name = removed.path.rpartition("/")[2]
    if added.deed is Deed.BUILD:
        return name in _MADE
    if added.deed is Deed.PLACE and subject.context is not None and not added.source.startswith("/"):
        rest = removed.path.removeprefix(added.path).strip("/")
        return f"{added.source.strip('./')}/{rest}".strip("/") in subject.context.tree
    return added.deed in (Deed.PLACE, Deed.CLONE) and name not in _MADE
