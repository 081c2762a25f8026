"""Which variables a text uses, and which of them nobody sets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lissom.dockerfile.expand import ExpandError, process
from lissom.dockerfile.source import Source, Span

__all__ = ["PLATFORM_NAMES", "PROXY_NAMES", "missing", "place_of"]

_PLATFORM = ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
PLATFORM_NAMES = (*(f"{of}{part}" for of in ("BUILD", "TARGET") for part in _PLATFORM), "TARGETSTAGE")
"""What FROM may use without a declaration; in a stage an ARG has to declare them."""

PROXY_NAMES = tuple(
    name for one in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY") for name in (one, one.lower())
)
"""Build arguments that need no ARG."""


def missing(text: str, known: Mapping[str, object], escape: str) -> frozenset[str]:
    """The names that a text uses and that are not known, without those for which it gives a value itself."""
    try:
        found = process(text, lambda name: "x" if name in known else None, escape=escape).missing
    except ExpandError:
        return frozenset()
    return frozenset(name for name in found if not re.search(rf"\$\{{{re.escape(name)}:?[-+?]", text))


def place_of(source: Source, span: Span, name: str) -> Span:
    """Where a variable is first used inside a span."""
    match = re.compile(rf"\$(\{{{re.escape(name)}\b|{re.escape(name)}\b)").search(source.text, span.start, span.end)
    return Span(*match.span()) if match else span
