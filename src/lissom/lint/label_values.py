"""What the value of a label can have to be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

__all__ = ["fits"]

_URL = re.compile(r"(https?|git|ssh|ftp)://[^\s/]+\S*", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+")
_HASH = re.compile(r"[0-9a-f]{7}|[0-9a-f]{40}")
_NUMBER = r"(0|[1-9][0-9]*)"
_SEMVER = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def fits(value: str, kind: str) -> bool:
    """Whether a label's value is what it has to be; every value fits a kind that is not known."""
    check = _KINDS.get(kind)
    return check is None or bool(check(value))


def _is_time(value: str) -> bool:
    if not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


def _is_licence(value: str) -> bool:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression  # noqa: PLC0415 - few ask

    try:
        canonicalize_license_expression(value)
    except InvalidLicenseExpression:
        return False
    return True


_KINDS: dict[str, Callable[[str], object]] = {
    "url": _URL.fullmatch,
    "email": _EMAIL.fullmatch,
    "hash": _HASH.fullmatch,
    "semver": _SEMVER.fullmatch,
    "time": _is_time,
    "rfc3339": _is_time,
    "spdx": _is_licence,
}
