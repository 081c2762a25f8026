"""Hold an answer against an expectation: None when it is as expected, else what is wrong in words."""

from __future__ import annotations

import json
import re
import struct
import zlib
from typing import Any

from lissom.verify.answer import Answer, Body
from lissom.verify.expectation import Expectation

__all__ = ["find_exit_fault", "find_http_fault", "find_reply_fault", "find_rows_fault", "shortened", "status_fits"]

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST = 64 << 20
_SHOWN = 200


def find_http_fault(expect: Expectation, answer: Answer) -> str | None:
    """What is wrong with the answer to a request."""
    status = answer.status or 0
    if not status_fits(expect.status, status):
        wanted = "|".join(expect.status) or "one below 400"
        return f"status {status} instead of {wanted}: {shortened(answer.body.text)}".removesuffix(": ")
    body = answer.body
    if expect.gzip:
        plain = _unzipped(answer)
        if plain is None:
            return "the body is not compressed with gzip"
        body = Body(plain)
    for name, pattern in expect.headers:
        if not re.search(pattern, answer.header(name), re.IGNORECASE):
            return f"header {name} is {answer.header(name)!r}, not {pattern!r}"
    return _find_body_fault(expect, body)


def find_exit_fault(expect: Expectation, answer: Answer) -> str | None:
    """What is wrong with how a command ended and what it wrote."""
    if answer.status not in (expect.exit or (0,)):
        wanted = " or ".join(map(str, expect.exit or (0,)))
        wrote = (answer.errors.text.strip() or answer.body.text.strip())[-_SHOWN:]
        return f"exit status {answer.status} instead of {wanted}: {shortened(wrote)}".removesuffix(": ")
    out, errors = answer.body.text, answer.errors.text
    return (
        _missing(expect.stdout, out, "stdout")
        or _missing(expect.stderr, errors + out, "stderr")
        or _present(expect.stdout_without, out, "stdout")
        or _present(expect.stderr_without, errors, "stderr")
        or _find_binary_fault(expect, answer.body)
    )


def find_reply_fault(expect: Expectation, answer: Answer) -> str | None:
    """What is wrong with a reply of Redis, or with the bytes that came over TCP."""
    return _missing(expect.reply, answer.body.text, "the reply") or _find_body_fault(expect, answer.body)


def find_rows_fault(expect: Expectation, answer: Answer) -> str | None:
    """What is wrong with the rows that PostgreSQL gave, or with its error."""
    text = answer.body.text
    if not answer.status:
        return (
            f"no error, but {shortened(text) or 'no rows'}"
            if expect.error
            else _missing(expect.rows, text, "the result")
        )
    return _missing(expect.error, text, "the error") if expect.error else f"error: {shortened(text)}"


def status_fits(patterns: tuple[str, ...], status: int) -> bool:
    """Whether a status is one of ``patterns`` (``200``, ``2xx``); without any, whether it is below 400."""
    if not patterns:
        return 0 < status < 400
    return any(pattern == str(status) or (pattern[1:] == "xx" and pattern[0] == str(status)[0]) for pattern in patterns)


def shortened(text: str, most: int = _SHOWN) -> str:
    """A text in one line, cut where it is long."""
    line = " | ".join(filter(None, (part.strip() for part in text[: 4 * most].splitlines())))
    clean = "".join(mark if mark.isprintable() else "�" for mark in line)
    return clean if len(clean) <= most else f"{clean[:most]}…"


def _find_body_fault(expect: Expectation, body: Body) -> str | None:
    if expect.digest and body.digest != expect.digest:
        return f"the body is {body.digest}, not {expect.digest}"
    return (
        _missing(expect.body, body.text, "the body")
        or _present(expect.without, body.text, "the body")
        or _find_binary_fault(expect, body)
        or _find_json_fault(expect, body)
    )


def _missing(patterns: tuple[str, ...], text: str, what: str) -> str | None:
    for pattern in patterns:
        if not re.search(pattern, text, re.DOTALL):
            return f"{what} lacks {pattern!r}: {shortened(text)}"
    return None


def _present(patterns: tuple[str, ...], text: str, what: str) -> str | None:
    for pattern in patterns:
        if re.search(pattern, text, re.DOTALL):
            return f"{what} has {pattern!r}: {shortened(text)}"
    return None


def _find_binary_fault(expect: Expectation, body: Body) -> str | None:
    data = body.data
    if not data.startswith(expect.magic):
        return f"it begins with {data[:16].hex() or 'nothing'}, not {expect.magic.hex()}"
    if expect.png is None:
        return None
    if not data.startswith(_PNG) or len(data) < 24:
        return f"it is no PNG picture: {shortened(data[:80].decode(errors='replace'))}"
    width, height = struct.unpack("!II", data[16:24])
    return None if (width, height) == expect.png else f"the picture is {width}x{height}"


def _find_json_fault(expect: Expectation, body: Body) -> str | None:
    if not expect.json:
        return None
    try:
        document = json.loads(body.data)
    except (ValueError, RecursionError):
        return f"the body is not JSON: {shortened(body.text)}"
    for path, wanted in expect.json:
        try:
            found = _at(document, path)
        except (KeyError, IndexError, TypeError, ValueError):
            return f"the body has no {path}: {shortened(body.text)}"
        if found != wanted:
            return f"{path} is {found!r}, not {wanted!r}"
    return None


def _at(document: Any, path: str) -> Any:
    parts = [path] if isinstance(document, dict) and path in document else path.split(".")
    for part in parts:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def _unzipped(answer: Answer) -> bytes | None:
    if answer.header("content-encoding") != "gzip":
        return None
    try:
        return zlib.decompressobj(wbits=31).decompress(answer.body.data, _LARGEST)
    except zlib.error:
        return None
