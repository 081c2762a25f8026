"""The difference between two images as JSON, and of text files line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from lissom.analysis.comparison import Difference, Pair, Side
from lissom.analysis.difference import Change
from lissom.rootfs.entry import Entry, Kind

__all__ = ["diff_json", "text_diffs"]

_LARGEST = 64 << 10
_MOST_LINES = 2000


def diff_json(found: Difference) -> dict[str, Any]:
    """As a JSON object; paths begin with a slash."""
    return {
        "equal": found.equal,
        "before": _side(found.before),
        "after": _side(found.after),
        "shared_layers": {"count": found.shared, "compressed": found.shared_size},
        "config": _pairs(found.config),
        "packages": _pairs(found.packages),
        "files": [_change(change) for change in found.files],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name, "digest": side.digest, "size": side.size, "compressed": side.compressed,
        "files": side.files, "layers": side.layers, "surface": side.surface.to_json(),
    }  # fmt: skip


def _pairs(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    return [asdict(pair) for pair in pairs]


def _change(change: Change) -> dict[str, Any]:
    words = {"+": "added", "-": "removed", "~": "changed"}
    found: dict[str, Any] = {"path": f"/{change.path}", "change": words[change.sign], "bytes": change.size}
    if change.what:
        found["what"] = list(change.what)
    return {**found, "before": _entry(change.before), "after": _entry(change.after)}


def _entry(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    found: dict[str, Any] = {
        "kind": entry.kind.value, "mode": f"{entry.mode:04o}", "uid": entry.uid, "gid": entry.gid, "size": entry.size,
    }  # fmt: skip
    if entry.kind is Kind.SYMLINK:
        found["link"] = entry.link
    if entry.xattrs:
        found["xattrs"] = {name: value.hex() for name, value in sorted(entry.xattrs.items())}
    return found


def text_diffs(changes: Sequence[Change]) -> Iterator[str]:
    """A unified diff of each small text file that changed, without line ends; nothing of what is large or no text."""
    for change in changes:
        old, new = _lines(change.before), _lines(change.after)
        if "content" in change.what and old is not None and new is not None:
            yield from difflib.unified_diff(old, new, f"a/{change.path}", f"b/{change.path}", lineterm="")


def _lines(entry: Entry | None) -> list[str] | None:
    if entry is None or entry.content is None or entry.size > _LARGEST:
        return None
    with entry.content.open() as stream:
        data = stream.read(_LARGEST)
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        return None
    return None if "\0" in data.decode() or len(lines) > _MOST_LINES else lines
