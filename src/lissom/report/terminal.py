"""Tables, sizes and times as docker prints them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

__all__ = ["ago", "size", "table"]

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_SPANS = (
    (60, 1, "second"), (3600, 60, "minute"), (172800, 3600, "hour"), (1209600, 86400, "day"),
    (5184000, 604800, "week"), (63072000, 2592000, "month"), (1 << 62, 31536000, "year"),
)  # fmt: skip


def size(count: int) -> str:
    """Bytes with three significant digits in powers of 1000, as docker prints them: ``7.8MB``, ``121MB``."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{value:.3g}{_UNITS[unit]}" if value < 999.5 or unit == len(_UNITS) - 1 else f"1{_UNITS[unit + 1]}"


def ago(created: str, now: datetime | None = None) -> str:
    """How long ago an RFC 3339 time was, in docker's words; ``N/A`` for none."""
    try:
        when = datetime.fromisoformat(_cut(created))
    except ValueError:
        return "N/A"
    if when.year <= 1:
        return "N/A"
    seconds = int(((now or datetime.now(UTC)) - when).total_seconds())
    if seconds < 1:
        return "Less than a second ago"
    limit, step, word = next(span for span in _SPANS if seconds < span[0])
    count = seconds // step
    if count == 1 and limit in (3600, 172800):
        return f"About {'a' if word == 'minute' else 'an'} {word} ago"
    return f"{count} {word}{'' if count == 1 else 's'} ago"


def _cut(text: str) -> str:
    """Go writes nanoseconds, Python reads microseconds."""
    head, dot, tail = text.replace("Z", "+00:00").partition(".")
    if not dot:
        return head
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    return f"{head}.{digits[:6].ljust(6, '0')}{tail[len(digits) :]}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, gap: int = 3) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    form = "".join(f"%-{width + gap}s" for width in widths)
    return "\n".join((form % tuple(line)).rstrip() for line in lines)
