"""What of the build context a source of COPY takes."""

from __future__ import annotations

import re
from fnmatch import translate

from lissom.lint.subject import ContextFacts

__all__ = ["matching", "normal", "taken"]


def normal(source: str) -> str:
    """A source as a path of the context: no leading ``./`` or ``/``, "" for the whole."""
    return "/".join(part for part in source.split("/") if part not in ("", "."))


def matching(context: ContextFacts, source: str) -> tuple[str, ...]:
    """The paths that the source names: one, or all that a pattern fits; what is ignored is among them."""
    path = normal(source)
    if not any(char in path for char in "*?["):
        return (path,) if path in context.tree else ()
    depth = path.count("/")
    pattern = re.compile(translate(path))
    return tuple(one for one in context.tree if one.count("/") == depth and pattern.match(one))


def taken(context: ContextFacts, source: str) -> tuple[str, ...]:
    """Every path that is copied with a source, those inside directories too, without what is ignored."""
    found: list[str] = []
    for path in matching(context, source):
        below = path + "/" if path else ""
        found += (one for one in context.tree if one == path or one.startswith(below))
    return tuple(one for one in found if one and one not in context.ignored)
