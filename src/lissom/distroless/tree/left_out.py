"""What of a package does not come into an image, and which words of the spec leave it out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from lissom.distroless.paths import merged
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.spec.trims import named_filters
from lissom.distroless.tree.assembled import LeftOut
from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Changeset

__all__ = ["left_out"]


def left_out(spec: Spec, wish: Wish, files: Changeset, wanted: Changeset, laid: Changeset) -> Iterator[LeftOut]:
    """The rows of one package: slices took of its ``files`` what is ``wanted``, and filters left ``laid`` of that."""
    slices = f"not in the slices of {wish.name}: {', '.join(wish.slices)}"
    rules = [(name, re.compile(fnmatch.translate(line.partition("=")[2]))) for name, line in named_filters(spec)]
    for path, entry in files.entries.items():
        if entry.is_directory or path in laid.entries:
            continue
        reason = slices
        if path in wanted.entries:
            reason = next(name for name, glob in reversed(rules) if glob.match(f"/{path}"))
        yield _row(wish.name, entry, reason)


def _row(package: str, entry: Entry, reason: str) -> LeftOut:
    return LeftOut(merged(entry.path), package, reason, entry.size, entry.kind.value)
