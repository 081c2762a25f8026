"""Names and output of strangers, so that they cannot steer a terminal."""

from __future__ import annotations

__all__ = ["harmless"]


def harmless(text: str) -> str:
    """``text`` without what could steer a terminal: control characters become visible, tabs stay.

    Bytes of names that are no UTF-8 become visible too.
    """
    if text.isprintable():
        return text
    return "".join(c if _is_plain(c) else _shown(c) for c in text)


def _is_plain(c: str) -> bool:
    return c == "\t" or (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff")


def _shown(character: str) -> str:
    return "" if character == "\r" else f"\\x{ord(character) & 0xFF:02x}"
