"""What a server said in an error, fit to be shown: one line, and no secret that it repeats to us."""

from __future__ import annotations

import json
import re

__all__ = ["said", "without_secrets"]

_LONGEST = 300
_SECRETS = (
    (re.compile(r"\b((?i:basic|bearer))[\s:=]+(?=[a-z]*[A-Z0-9+/=._-])[\w.~+/=-]{8,}"), r"\1 …"),  # no mere word
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "…"),  # a JSON web token
    (re.compile(r"(://)[^\s/@\"'<>]+@"), r"\1"),
    (re.compile(r"(https?://[^\s\"'<>?]+)\?[^\s\"'<>]+"), r"\1?…"),  # a signed address
)


def said(raw: bytes, content_type: str) -> str:
    """The text of an error's body: codes and messages of a registry's, or what there is."""
    if not raw.strip():
        return ""
    try:
        errors = json.loads(raw)["errors"]
        parts = [": ".join(str(e[k]) for k in ("code", "message") if e.get(k)) for e in errors]
        return _line("; ".join(p for p in parts if p))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    if "html" in content_type or raw.lstrip()[:1] == b"<":
        return "an HTML page, not a registry's answer"
    return _line(raw.decode("utf-8", "replace"))


def without_secrets(text: str) -> str:
    """Text of a server without what looks like a login, a token or a signed address: some repeat a whole request."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def _line(text: str) -> str:
    return without_secrets(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)).strip()[:_LONGEST]
