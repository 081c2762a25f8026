"""The difference between two images as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lissom.analysis.comparison import Difference, Pair
from lissom.analysis.difference import Change
from lissom.report.growth import share, signed
from lissom.report.rollup import Directory, rolled_up
from lissom.report.surface_text import facts
from lissom.report.terminal import size, table
from lissom.rootfs.entry import Entry, Kind

__all__ = ["diff_text", "same_text", "words_of"]

Shown = Callable[[str], str]
"""Makes names of strangers harmless."""

_VALUE = 60


def diff_text(found: Difference, shown: Shown, *, limit: int | None) -> str:
    """All that differs, of files and packages about ``limit`` lines each; directories stand for what is in them."""
    if found.equal:
        return same_text(found.before.name, found.after.name, shown)
    parts = [
        _figures(found, shown),
        _pairs("config", found.config, shown, None),
        _pairs("packages", found.packages, shown, limit),
        _surface(found, shown),
        _files(found.files, shown, limit),
    ]
    return "\n\n".join(part for part in parts if part)


def same_text(before: str, after: str, shown: Shown) -> str:
    """That nothing differs."""
    return shown(f"{before} and {after} have the same files and the same config")


def _figures(found: Difference, shown: Shown) -> str:
    before, after = found.before, found.after
    rows = [
        ["size", size(before.size), size(after.size), share(before.size, after.size)],
        ["compressed", size(before.compressed), size(after.compressed), share(before.compressed, after.compressed)],
        ["files", str(before.files), str(after.files), share(before.files, after.files)],
        ["layers", str(before.layers), str(after.layers), f"{found.shared} shared ({size(found.shared_size)})"],
    ]
    return table(["", shown(before.name), shown(after.name), "CHANGE"], rows)


def _pairs(title: str, pairs: Sequence[Pair], shown: Shown, limit: int | None) -> str:
    if not pairs:
        return ""
    some = pairs if limit is None else pairs[:limit]
    rows = [[shown(cell) for cell in _pair(pair)] for pair in some]
    more = [f"  … and {len(pairs) - len(some)} more: --all shows them"] if len(some) < len(pairs) else []
    added, removed = sum(pair.before is None for pair in pairs), sum(pair.after is None for pair in pairs)
    counts = _counts(added, removed, len(pairs) - added - removed)
    return "\n".join([f"{title}: {counts}", *(f"  {line}" for line in _columns(rows)), *more])


def _pair(pair: Pair) -> list[str]:
    if pair.before is None:
        return [f"+ {pair.name}", _cut(pair.after or "")]
    if pair.after is None:
        return [f"- {pair.name}", _cut(pair.before)]
    return [f"~ {pair.name}", f"{_cut(pair.before)} → {_cut(pair.after)}"]


def _cut(text: str) -> str:
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}…"


def _surface(found: Difference, shown: Shown) -> str:
    rows = [
        [f"~ {title}", f"{before} → {after}"]
        for title, before, after in facts(found.before.surface, found.after.surface)
        if before != after and title not in ("packages", "user", "ports")
    ]
    return "\n".join(["surface", *(f"  {shown(line)}" for line in _columns(rows))]) if rows else ""


def _files(changes: Sequence[Change], shown: Shown, limit: int | None) -> str:
    if not changes:
        return ""
    signs = [change.sign for change in changes]
    counts = _counts(*(signs.count(sign) for sign in "+-~"))
    grown = signed(sum(change.size for change in changes))
    head = f"files: {counts}{', ' if grown else ''}{grown}"
    if limit is None or len(changes) <= limit:
        lines = [[shown(cell) for cell in _change(change)] for change in changes]
    else:
        lines = [[shown(cell) for cell in _directory(part)] for part in rolled_up(changes, limit)]
        head += " (--all shows each)"
    return "\n".join([head, *(f"  {line}" for line in _columns(lines))])


def _change(change: Change) -> list[str]:
    """One path: sign and name, bytes, and what differs."""
    entry = change.after or change.before
    slash = "/" if entry is not None and entry.is_directory and change.path else ""
    return [f"{change.sign} /{change.path}{slash}", signed(change.size), ", ".join(words_of(change))]


def words_of(change: Change) -> Iterable[str]:
    """What differs of a path that both have: ``mode 0644 → 0755``, ``content``."""
    old, new = change.before, change.after
    if old is None or new is None:
        return
    for word in change.what:
        if word == "size":
            yield f"{size(old.size)} → {size(new.size)}"
        elif word == "content" and "size" in change.what:
            continue
        else:
            told = {"mode": _mode, "owner": _owner, "kind": _kind, "link": _link}.get(word)
            yield f"{word} {told(old)} → {told(new)}" if told else word


def _mode(entry: Entry) -> str:
    return f"{entry.mode:04o}"


def _owner(entry: Entry) -> str:
    return f"{entry.uid}:{entry.gid}"


def _kind(entry: Entry) -> str:
    return entry.kind.value


def _link(entry: Entry) -> str:
    return entry.link if entry.kind is Kind.SYMLINK else "/" + entry.link


def _directory(part: Directory) -> list[str]:
    if part.own is not None and not part.children:
        return _change(part.own)
    sign = part.own.sign if part.own is not None and part.whole else " "
    return [f"{sign} /{part.path}/", signed(part.size), _counts(part.added, part.removed, part.changed)]


def _counts(added: int, removed: int, changed: int) -> str:
    words = ((added, "added"), (removed, "removed"), (changed, "changed"))
    return ", ".join(f"{count} {word}" for count, word in words if count)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    return table(rows[0], rows[1:]).splitlines()
