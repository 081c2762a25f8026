"""What an answer must be: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Expectation"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer must be; empty fields ask for nothing. Texts are regular expressions, found anywhere in it.

    ``status`` holds numbers or classes (``2xx``), empty: below 400. ``exit`` empty: 0. ``json`` maps dotted paths to
    values. ``stderr`` is looked for in stdout as well. ``error`` is PostgreSQL's; without it there must be none.
    """

    status: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    digest: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    json: tuple[tuple[str, Any], ...] = ()
    gzip: bool = False
    png: tuple[int, int] | None = None
    magic: bytes = b""
    reply: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    exit: tuple[int, ...] = ()
    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    stdout_without: tuple[str, ...] = ()
    stderr_without: tuple[str, ...] = ()
