"""What both kinds of bills of materials share: their bytes, the time and the number that make one unlike others."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["encoded", "moment", "number"]


def encoded(document: Mapping[str, Any]) -> bytes:
    """The document as JSON for people too; what no UTF-8 can hold, as names of files may, becomes a question mark."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


def moment(seconds: int) -> str:
    """Seconds since 1970 as both formats want them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(document: Mapping[str, Any]) -> uuid.UUID:
    """A UUID of the content: one document has one, and no other document has the same (RFC 9562, version 5)."""
    return uuid.uuid5(uuid.NAMESPACE_URL, encoded(document).decode())
