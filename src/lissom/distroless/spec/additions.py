"""What a spec adds to the tree: accounts, files, directories, links, certificates."""

from __future__ import annotations

from pathlib import Path

import yaml

from lissom.distroless.spec.nodes import Document, Pair
from lissom.distroless.spec.pem import certificates
from lissom.distroless.spec.spec import Account, Directory, File

__all__ = ["accounts", "ca", "directories", "files", "links"]

_ACCOUNT = r"[a-z_][a-z0-9_-]*\$?"
_NUMBERS = 0xFFFFFFFE  # of users and groups; one more is "no change" to chown(2)


def _paths(document: Document, node: yaml.Node) -> dict[str, yaml.Node]:
    found = document.mapping(node, "absolute paths")
    return {document.path(key): value for key, value in found.values()}


def ca(document: Document, node: yaml.Node) -> tuple[str, ...]:
    """Certificates, each a PEM text: of files beside the document, or written in it."""
    found: tuple[str, ...] = ()
    for item in document.items(node):
        text = document.text(item)
        inline = "-----BEGIN" in text
        data = text.encode() if inline else _beside(document, item).read_bytes()
        try:
            found += certificates(data)
        except ValueError as error:
            what = "this certificate" if inline else f"certificates of `{text}`"
            raise document.error(item, f"cannot use {what}: {error}") from error
    return tuple(dict.fromkeys(found))


def _beside(document: Document, node: yaml.Node) -> Path:
    text = document.text(node)
    path = document.directory / text
    if not path.is_file():
        raise document.error(node, f"cannot read `{text}`: there is no such file beside this one")
    try:
        path.open("rb").close()
    except OSError as error:
        raise document.error(node, f"cannot read `{text}`: {error.strerror}") from error
    return path


def files(document: Document, node: yaml.Node) -> dict[str, File]:
    """Files by path."""
    return {path: _file(document, path, value) for path, value in _paths(document, node).items()}


def _file(document: Document, path: str, node: yaml.Node) -> File:
    """A text, or a map with ``text`` or ``source``; of the source's mode only whether it can be executed counts."""
    if not isinstance(node, yaml.MappingNode):
        return File(path, document.text(node).encode())
    found = document.settings(node, ("text", "source", "mode", "uid", "gid"))
    if ("text" in found) == ("source" in found):
        raise document.error(node, "this is to have either `text` or `source`")
    rights = _rights(document, found)
    if "text" in found:
        return File(path, document.text(found["text"][1]).encode(), **rights)
    source = _beside(document, found["source"][1])
    mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
    return File(path, source.read_bytes(), **({"mode": mode} | rights))


def directories(document: Document, node: yaml.Node) -> dict[str, Directory]:
    """Directories by path."""
    return {path: _directory(document, path, value) for path, value in _paths(document, node).items()}


def _directory(document: Document, path: str, node: yaml.Node) -> Directory:
    if not isinstance(node, yaml.MappingNode):
        return Directory(path, document.mode(node))
    rights = _rights(document, document.settings(node, ("mode", "uid", "gid")))
    return Directory(path, **rights)


def _rights(document: Document, found: dict[str, Pair]) -> dict[str, int]:
    rights = {name: document.number(found[name][1], 0, _NUMBERS) for name in ("uid", "gid") if name in found}
    return rights | ({"mode": document.mode(found["mode"][1])} if "mode" in found else {})


def links(document: Document, node: yaml.Node) -> dict[str, str]:
    """Where symbolic links lead, by path."""
    return {
        path: document.fitting(value, "(?s:.+)", "a target of a link") for path, value in _paths(document, node).items()
    }


def accounts(document: Document, node: yaml.Node, *, users: bool) -> dict[str, Account]:
    """Users or groups by name."""
    number = "uid" if users else "gid"
    known = ("name", "uid", "gid", "home", "shell", "groups") if users else ("name", "gid")
    found: dict[str, Account] = {}
    for item in document.items(node):
        fields = document.settings(item, known)
        for missing in (name for name in ("name", number) if name not in fields):
            raise document.error(item, f"`{missing}` is missing")
        key = fields["name"][1]
        name = document.fitting(key, _ACCOUNT, "a name of a user or group")
        if name in found:
            raise document.error(key, f"`{name}` is there twice")
        numbers: dict[str, int] = {
            one: document.number(fields[one][1], 0, _NUMBERS) for one in ("uid", "gid") if one in fields
        }
        texts = {
            one: document.fitting(fields[one][1], "/[^:\n]*", "a path") for one in ("home", "shell") if one in fields
        }
        groups = document.items(fields["groups"][1]) if "groups" in fields else ()
        members = tuple(document.fitting(one, _ACCOUNT, "a name of a group") for one in groups)
        found[name] = Account(name, numbers[number], numbers.get("gid", numbers[number]), groups=members, **texts)
    return found
