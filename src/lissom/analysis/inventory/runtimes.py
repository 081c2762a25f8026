"""Runtimes that came without a package: Node, Python, Java unpacked from what their makers offer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lissom.analysis.root import Root
from lissom.rootfs.entry import Entry, Kind, parent_of

__all__ = ["Runtime", "read_runtimes"]

_CHUNK = 1 << 20
_OVERLAP = 64
_RELEASE = re.compile(r"^(JAVA_VERSION|JAVA_RUNTIME_VERSION)=\"?([^\"\n]*)\"?", re.MULTILINE)
_NODE_HEADER = re.compile(r"^#define NODE_(?:MAJOR|MINOR|PATCH)_VERSION (\d+)", re.MULTILINE)
_NODE = re.compile(rb"node\.js/v(\d+\.\d+\.\d+)")
_PYTHON_HEADER = re.compile(r"^#define PY_VERSION\s+\"([^\"]+)\"", re.MULTILINE)
_PYTHON_NAME = re.compile(r"(?:lib)?python(3\.\d+)(?:\.so\.1\.0)?")


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime. ``cpe`` is the name by which it is looked for in lists of flaws (CPE 2.3)."""

    path: str
    name: str
    version: str
    cpe: str


def read_runtimes(root: Root, packaged: Callable[[str], object]) -> tuple[Runtime, ...]:
    """The runtimes of the tree whose files are not ``packaged``; several files of one are one."""
    found: dict[tuple[str, str], Runtime] = {}
    for path, entry in root.tree.items():
        if entry.kind is Kind.FILE and (read := _reader(entry.name)) and not packaged(path):
            for runtime in read(root, path, entry):
                found.setdefault((runtime.name, runtime.version), runtime)
    return tuple(found.values())


def _reader(name: str) -> Callable[[Root, str, Entry], Iterator[Runtime]] | None:
    if name == "node":
        return _node
    if name == "release":
        return _java
    return _python if _PYTHON_NAME.fullmatch(name) else None


def _node(root: Root, path: str, entry: Entry) -> Iterator[Runtime]:
    header = root.text(f"{parent_of(parent_of(path))}/include/node/node_version.h")
    version = ".".join(_NODE_HEADER.findall(header)) or _searched(entry, _NODE)
    if version:
        yield Runtime(path, "node", version, _cpe("nodejs", "node.js", version))


def _python(root: Root, path: str, entry: Entry) -> Iterator[Runtime]:
    match = _PYTHON_NAME.fullmatch(entry.name)
    assert match is not None
    header = root.text(f"{parent_of(parent_of(path))}/include/python{match[1]}/patchlevel.h")
    said = _PYTHON_HEADER.search(header)
    # As a text of its own, or at the end of a path: linkers keep one copy of equal ends.
    text = re.compile(rb"[\0/](" + re.escape(match[1]).encode() + rb"\.\d+(?:(?:a|b|rc)\d+)?)\0")
    if version := said[1] if said else _searched(entry, text):
        yield Runtime(path, "python", version, _cpe("python", "python", version))


def _java(root: Root, path: str, _: Entry) -> Iterator[Runtime]:
    home = parent_of(path)
    said: dict[str, str] = dict(_RELEASE.findall(root.text(path, _CHUNK))) if f"{home}/lib/modules" in root.tree else {}
    if number := said.get("JAVA_VERSION"):
        yield Runtime(path, "openjdk", said.get("JAVA_RUNTIME_VERSION", number), _cpe("oracle", "openjdk", number))


def _searched(entry: Entry, pattern: re.Pattern[bytes]) -> str:
    """What the first group of ``pattern`` finds in a file, which is read in pieces."""
    if entry.content is None:
        return ""
    with entry.content.open() as stream:
        data = b""
        while piece := stream.read(_CHUNK):
            data = data[-_OVERLAP:] + piece
            if match := pattern.search(data):
                return match[1].decode("ascii")
    return ""


def _cpe(vendor: str, product: str, version: str) -> str:
    escaped = re.sub(r"([^A-Za-z0-9._-])", r"\\\1", version)
    return f"cpe:2.3:a:{vendor}:{product}:{escaped}:*:*:*:*:*:*:*"
