"""Package URLs: one name for a package wherever it is spoken of; see the package-url specification (ECMA-427)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

__all__ = ["purl"]


def purl(kind: str, namespace: str, name: str, version: str, qualifiers: Mapping[str, str] | None = None) -> str:
    """The canonical form: every part encoded, qualifiers by name, empty ones left out. Without a name there is none."""
    if not name.strip():
        return ""
    parts = [part for part in namespace.split("/") if part]
    path = "/".join(map(_encoded, (*parts, name)))
    number = f"@{_encoded(version)}" if version else ""
    rest = "&".join(f"{key}={_encoded(value)}" for key, value in sorted((qualifiers or {}).items()) if value)
    return f"pkg:{kind}/{path}{number}" + (f"?{rest}" if rest else "")


def _encoded(text: str) -> str:
    """All but letters, digits, ``.-_~`` and colons, which the specification leaves as they are."""
    return quote(text, safe=":", errors="replace")
