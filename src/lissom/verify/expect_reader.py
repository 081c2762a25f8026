"""The expectation of a check in a probes file."""

from __future__ import annotations

import re
from typing import Any

import yaml

from lissom.verify.document import Document
from lissom.verify.expectation import Expectation

__all__ = ["EXPECTED", "exits", "read_expectation"]

_BODY = ("body", "without", "digest", "magic", "png", "json")
_EXIT = ("exit", "stdout", "stderr", "stdout_without", "stderr_without", "magic", "png")
EXPECTED: dict[str, tuple[str, ...]] = {
    "http": ("status", "header", "gzip", *_BODY),
    "exec": _EXIT,
    "run": _EXIT,
    "script": ("exit", "stdout"),
    "redis": ("reply",),
    "pg": ("rows", "error"),
    "raw": ("raw", "reply", *_BODY),
    "file": ("body", "without", "digest", "magic"),
    "logs": (),
}


def read_expectation(document: Document, node: yaml.Node, kind: str) -> Expectation:
    """What a check of ``kind`` expects. Raises DockerfileError."""
    found = document.map(node, EXPECTED[kind], f"expect of {kind}")

    def patterns(name: str) -> tuple[str, ...]:
        return found.get(name, document.patterns, ())

    return Expectation(
        status=found.get("status", lambda value: _statuses(document, value), ()),
        body=patterns("body"),
        without=patterns("without"),
        digest=found.get("digest", lambda value: _digest(document, value), ""),
        headers=found.get("header", lambda value: document.pairs(value, document.pattern), ()),
        json=found.get("json", lambda value: _json(document, value), ()),
        gzip=found.get("gzip", document.flag, default=False),
        png=found.get("png", lambda value: _size(document, value), None),
        magic=found.get("magic", lambda value: _hex(document, value), b""),
        reply=(*patterns("reply"), *patterns("raw")),
        rows=patterns("rows"),
        error=patterns("error"),
        exit=found.get("exit", lambda value: exits(document, value), ()),
        stdout=patterns("stdout"),
        stderr=patterns("stderr"),
        stdout_without=patterns("stdout_without"),
        stderr_without=patterns("stderr_without"),
    )


def exits(document: Document, node: yaml.Node) -> tuple[int, ...]:
    """One exit status or several."""
    if isinstance(node, yaml.SequenceNode):
        return document.each(node, lambda item: document.number(item, 0, 255))
    return (document.number(node, 0, 255),)


def _statuses(document: Document, node: yaml.Node) -> tuple[str, ...]:
    words = [part for word in document.either(node) for part in word.split("|")]
    for word in words:
        if not re.fullmatch(r"[1-5](?:\d\d|xx)", word):
            document.fail(node, f"`{word}` is no status such as 200 or 2xx")
    return tuple(words)


def _digest(document: Document, node: yaml.Node) -> str:
    text = document.text(node)
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        document.fail(node, "a digest is sha256: and 64 of 0-9a-f")
    return text


def _json(document: Document, node: yaml.Node) -> tuple[tuple[str, Any], ...]:
    if not isinstance(node, yaml.MappingNode):
        document.fail(node, "this is to be a map of dotted paths to values")
    return tuple((document.text(key), document.value(value)) for key, value in node.value)


def _size(document: Document, node: yaml.Node) -> tuple[int, int]:
    sides = document.each(node, lambda item: document.number(item, 0, 1 << 31))
    if len(sides) != 2:
        document.fail(node, "the size of a picture is [WIDTH, HEIGHT]")
    return sides[0], sides[1]


def _hex(document: Document, node: yaml.Node) -> bytes:
    try:
        return bytes.fromhex(document.text(node))
    except ValueError:
        document.fail(node, "this is not hexadecimal")
