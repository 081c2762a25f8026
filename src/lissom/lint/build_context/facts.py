"""A build context as rules see it: all of its files, and which of them the ignore file keeps out."""

from __future__ import annotations

from lissom.context.ignore import Ignore
from lissom.lint.subject import ContextFacts
from lissom.rootfs.tree import Tree

__all__ = ["context_facts"]


def context_facts(tree: Tree, ignore_text: str | None = None, ignore_name: str = ".dockerignore") -> ContextFacts:
    """The facts about ``tree``, which holds what is ignored too. Raises UsageError for a wrong ignore file."""
    if ignore_text is None:
        return ContextFacts(tree, ignore_name, None)
    ignore = Ignore.parse(ignore_text, ignore_name)
    deciding = {"": -1}
    for path in sorted(path for path in tree if path):
        deciding[path] = ignore.deciding(path, deciding.get(path.rpartition("/")[0], -1))
    ignored = frozenset(path for path, number in deciding.items() if ignore.is_ignoring(number))
    return ContextFacts(tree, ignore_name, ignore_text, ignored)
