"""Files beside a program's sources that it may read where it starts."""

from __future__ import annotations

from collections.abc import Collection

from lissom.lint.build_context.junk import junk_of
from lissom.lint.effects.act import Deed
from lissom.lint.effects.paths import covers, joined
from lissom.lint.stages.reading import Reading

__all__ = ["data_beside"]

_NEVER = (".md", ".gitignore", ".gitattributes", ".editorconfig", ".dockerignore", "Makefile", "LICENSE", ".swp")
_MOST_NAMES = 12


def data_beside(reading: Reading, sources: tuple[str, ...], without: Collection[str] = ()) -> tuple[str, ...]:
    """What the context has where the program starts, but files that end in ``sources`` and the names ``without``.

    Only names at the top of that directory, as they are in the image. What a RUN copies elsewhere is there by the app's
    own wish and is left out, and so are hidden files. If there are many names it is the directory as a whole.
    """
    if reading.context is None or reading.workdir == "${PWD}":
        return ()
    junk = {entry.path for entries in junk_of(reading.context.tree).values() for entry in entries}
    copied = {act.source for one in reading.commands for act in one.acts if act.deed in (Deed.COPY, Deed.MOVE)}
    wanted: dict[str, bool] = {}
    for path, entry in reading.context.tree.items():
        top = path.partition("/")[0]
        if entry.is_directory or path in reading.context.ignored or path in junk or top in without:
            continue
        if path.endswith((*sources, *_NEVER)) or top.startswith((".", "Dockerfile")):
            continue
        if top not in wanted:
            target = joined(reading.workdir, top)
            there = reading.beside(reading.workdir, top) == top
            wanted[top] = there and not any(covers(target, source) for source in copied)
    found = tuple(joined(reading.workdir, top) for top, there in wanted.items() if there)
    return found if len(found) <= _MOST_NAMES else (reading.workdir,)
