"""URIs of archives: whose they are, which file they are, what of them may be shown."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

__all__ = ["host_of", "joined", "local_path", "shown", "user_of"]


def host_of(uri: str) -> str:
    """Host and port, as they are written."""
    return urllib.parse.urlsplit(uri).netloc


def local_path(uri: str) -> Path | None:
    """The file that a ``file:`` or ``copy:`` URI names, None for others."""
    for scheme in ("file:", "copy:"):
        if uri.startswith(scheme):
            return Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path))
    return None


def user_of(uri: str) -> str | None:
    """``user:password`` of a URI that has them, in clear."""
    parts = urllib.parse.urlsplit(uri)
    if parts.username is None:
        return None
    return ":".join(urllib.parse.unquote(word or "") for word in (parts.username, parts.password))


def shown(uri: str) -> str:
    """The URI without what may be a password."""
    return re.sub(r"//[^/@]*@", "//", uri)


def joined(base: str, filename: str) -> str:
    """The URI of a file below ``base``, whose name is as the index has it."""
    return f"{base}/{urllib.parse.quote(filename, safe='/+~:,=@')}"
