"""Every setting of a spec: how its value is read. Lists become tuples; what has names becomes a map of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import yaml

from lissom.distroless.archive.sources import parse_source
from lissom.distroless.spec.additions import accounts, ca, directories, files, links
from lissom.distroless.spec.nodes import Document
from lissom.distroless.spec.slices import library, read_glob
from lissom.distroless.spec.spec import Wish
from lissom.distroless.spec.trims import TRIMS
from lissom.errors import UsageError
from lissom.oci.reference import Reference

__all__ = ["SETTINGS"]

_BOOTSTRAPS = ("minbase", "essential", "none")
_PACKAGE = "[a-z0-9][a-z0-9+.-]+"
_DEBIANS_FIRST_YEAR = 1993
_MOST_LAYERS = 127  # what overlay takes in docker

Value = TypeVar("Value")
Read = Callable[[Document, yaml.Node], Any]


def _texts(document: Document, node: yaml.Node, pattern: str = "(?s:.*)", what: str = "") -> tuple[str, ...]:
    return tuple(document.fitting(item, pattern, what) for item in document.items(node))


def _list_of(pattern: str, what: str) -> Read:
    return partial(_texts, pattern=pattern, what=what)


def _fitting(pattern: str, what: str) -> Read:
    return lambda document, node: document.fitting(node, pattern, what)


def _pairs(document: Document, node: yaml.Node) -> dict[str, str]:
    found = document.mapping(node, "names to texts")
    for key, _ in found.values():
        document.fitting(key, "[^=]+", "a name")
    return {name: document.text(value) for name, (_, value) in found.items()}


def _name(document: Document, node: yaml.Node) -> str:
    _parsed(document, node, Reference.parse)
    return document.text(node)


def _parsed(document: Document, node: yaml.Node, parse: Callable[[str], Value]) -> Value:
    """What ``parse`` makes of a text."""
    try:
        return parse(document.text(node))
    except UsageError as error:
        raise document.error(node, error.message, error.hint) from None


def _snapshot(document: Document, node: yaml.Node) -> str:
    text = document.text(node)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
        if moment.year < _DEBIANS_FIRST_YEAR:
            raise ValueError
    except (ValueError, OverflowError):
        raise document.error(node, f"`{text}` is no moment", "such as 20261101T000000Z or 2026-11-01") from None
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _sources(document: Document, node: yaml.Node) -> tuple[str, ...]:
    items = document.items(node)
    for item in items:
        _parsed(document, item, parse_source)
    return tuple(document.text(item) for item in items)


def _packages(document: Document, node: yaml.Node) -> dict[str, Wish]:
    found: dict[str, Wish] = {}
    for item in document.items(node):
        wish = _wish(document, item)
        if wish.name in found:
            raise document.error(item, f"package `{wish.name}` is there twice")
        found[wish.name] = wish
    return found


def _wish(document: Document, node: yaml.Node) -> Wish:
    listed: yaml.Node | None = None
    if isinstance(node, yaml.MappingNode):
        if len(pairs := document.mapping(node).values()) != 1:
            raise document.error(node, "this is to be one package and its slices", "each package is an item of its own")
        ((node, listed),) = pairs
    wish = _parsed(document, node, Wish.parse)
    if listed is None:
        return wish
    slices = tuple(_slice(document, item, wish.name) for item in document.items(listed))
    if not slices:
        raise document.error(listed, "no slice is named", f"the whole package is `- {wish}`")
    return replace(wish, slices=slices)


def _slice(document: Document, node: yaml.Node, package: str) -> str:
    text = document.text(node)
    if text.startswith("/"):
        return read_glob(document, node)
    if not (known := tuple(library(package))):
        hint = "globs of its paths do, such as /usr/bin/*"
        raise document.error(node, f"unknown slice `{text}`: lissom has none of `{package}`", hint)
    return document.one_of(node, known, "slice")


def _trim(document: Document, node: yaml.Node) -> tuple[str, ...]:
    return tuple(document.one_of(item, tuple(TRIMS), "kind of files") for item in document.items(node))


def _java(document: Document, node: yaml.Node) -> dict[str, Any]:
    found = document.settings(node, ("modules", "compress"))
    java: dict[str, Any] = {}
    if "modules" in found:
        java["modules"] = _texts(document, found["modules"][1], r"[A-Za-z_][\w.]*", "a module of Java")
    if "compress" in found:
        java["compress"] = document.number(found["compress"][1], 0, 2)
    return java


SETTINGS: dict[str, Read] = {
    "name": _name,
    "suite": _fitting(r"[a-z0-9][A-Za-z0-9./_-]*", "a suite"),
    "components": _list_of(r"[a-z0-9][A-Za-z0-9./_-]*", "a component"),
    "architectures": _list_of("[a-z0-9-]+", "an architecture"),
    "sources": _sources,
    "snapshot": _snapshot,
    "packages": _packages,
    "without": _list_of(_PACKAGE, "a package"),
    "dependencies": Document.flag,
    "bootstrap": lambda document, node: document.one_of(node, _BOOTSTRAPS, "bootstrap"),
    "configure": Document.flag,
    "debug": Document.flag,
    "trim": _trim,
    "exclude": _list_of("[/*].*", "a glob of absolute paths"),
    "keep": _list_of("[/*].*", "a glob of absolute paths"),
    "strip": Document.flag,
    "pyc": Document.flag,
    "java": _java,
    "ca": ca,
    "users": partial(accounts, users=True),
    "groups": partial(accounts, users=False),
    "files": files,
    "links": links,
    "directories": directories,
    "applets": Document.path,
    "entrypoint": _texts,
    "cmd": _texts,
    "env": _pairs,
    "labels": _pairs,
    "workdir": _fitting("/.*", "an absolute path"),
    "user": _fitting(r"[A-Za-z0-9_][\w.-]*(:[A-Za-z0-9_][\w.-]*)?", "a user: NAME or NUMBER, or either with :GROUP"),
    "layers": lambda document, node: document.number(node, 1, _MOST_LAYERS),
}
"""Each by name; ``include`` and ``variants`` are no settings but ways to lay these over one another."""
