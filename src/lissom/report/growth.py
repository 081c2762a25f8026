"""By how much something grew or shrank, in words."""

from __future__ import annotations

from lissom.report.terminal import size

__all__ = ["share", "signed"]


def share(before: int, after: int) -> str:
    """By how much ``after`` is more or less than ``before``, in per cent; ``=`` when it is not."""
    if before == after:
        return "="
    return f"{(after - before) / before:+.1%}" if before else "new"


def signed(count: int) -> str:
    """Bytes with a sign: ``+1.2kB``, ``-3MB``; empty for none."""
    return f"{'-' if count < 0 else '+'}{size(abs(count))}" if count else ""
