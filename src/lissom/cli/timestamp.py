"""Times as flags and SOURCE_DATE_EPOCH say them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lissom.errors import UsageError

__all__ = ["timestamp_of"]


def timestamp_of(text: str | None, environment: Mapping[str, str]) -> int | None:
    """Seconds since 1970: what a flag says, else SOURCE_DATE_EPOCH; None without both. Raises UsageError."""
    value = text if text is not None else environment.get("SOURCE_DATE_EPOCH", "")
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,11}", value):
        raise UsageError(f"cannot use timestamp `{value}`: it is not a number of seconds since 1970")
    return int(value)
