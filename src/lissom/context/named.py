"""``--build-context NAME=…``: files or an image under a name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.context.files import scan_files
from lissom.context.git import clone, parse_git
from lissom.context.ignore import Ignore
from lissom.errors import UsageError
from lissom.rootfs.tree import Tree

if TYPE_CHECKING:
    from lissom.context.url import Pools

__all__ = ["NamedContext", "open_named", "read_ignore"]


@dataclass(frozen=True)
class NamedContext:
    """What a name stands for: ``image`` is a reference, ``layout`` an OCI layout and ``layout_name`` a tag or digest
    in it (empty: its only image); else ``tree`` gives files."""

    tree: Callable[[], Tree]
    image: str = ""
    layout: Path | None = None
    layout_name: str = ""


def open_named(text: str, scratch: Path, pools: Pools | None = None) -> NamedContext:
    """Read the value of the flag. Files are looked at when ``tree`` is called; downloads, by ``pools``, go below
    ``scratch``.
    """
    kind, separator, rest = text.partition("://")
    if separator and kind == "docker-image":
        return NamedContext(Tree, image=rest)
    if separator and kind == "oci-layout":
        path, name = _split_layout(rest)
        return NamedContext(Tree, layout=Path(path), layout_name=name)
    if parse_git(text) is not None or text.startswith(("http://", "https://")):
        return NamedContext(lru_cache(maxsize=1)(lambda: _remote(text, scratch, pools)))
    directory = Path(text)
    if not directory.is_dir():
        raise UsageError(
            f"cannot use build context `{text}`: it is not a directory",
            hint="name a directory, docker-image://REF, oci-layout://DIR[:TAG], or a URL",
        )
    return NamedContext(lru_cache(maxsize=1)(lambda: scan_files(directory, read_ignore(directory / ".dockerignore"))))


def read_ignore(path: Path) -> Ignore:
    """The rules of a .dockerignore file; none when there is no such file. Raises UsageError."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Ignore()
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror}") from error
    return Ignore.parse(text.decode("utf-8", "surrogateescape"), str(path))


def _split_layout(text: str) -> tuple[str, str]:
    path, at, digest = text.partition("@")
    if at:
        return path, digest
    # Names in a layout hold colons and slashes themselves: what is a directory decides.
    for place, character in enumerate(text):
        if character == ":" and Path(text[:place]).is_dir():
            return text[:place], text[place + 1 :]
    head, colon, tag = text.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (text, "")


def _remote(text: str, scratch: Path, pools: Pools | None) -> Tree:
    directory = Path(tempfile.mkdtemp(prefix="context-", dir=scratch))
    git = parse_git(text)
    if git is not None:
        return scan_files(clone(git, directory))
    from lissom.context.tarball import tree_of_archive
    from lissom.context.url import fetch

    fetched = fetch(text, directory, pools=pools)
    entry = next(entry for path, entry in fetched.items() if path)
    return tree_of_archive(entry) or fetched
