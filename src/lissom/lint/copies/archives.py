"""What ADD does more than COPY with: archives, which it unpacks, and addresses, which it fetches."""

from __future__ import annotations

import re

from lissom.errors import LissomError
from lissom.lint.subject import Subject
from lissom.rootfs.entry import Entry, Kind

__all__ = ["is_address", "is_archive_name", "kept_whole"]

_ADDRESS = re.compile(r"""["']?(https?://|git://|ssh://|git@)""")
_ARCHIVE = re.compile(r"""\.(tar|tar\.(gz|bz2|xz|zst|lzma|Z)|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|lzma|Z)["']?$""")
# How compressed files begin, and where a tar archive says what it is.
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00", b"\x1f\x9d")
_TAR = (257, b"ustar")
_HEAD = 512


def is_address(source: str) -> bool:
    """Whether ADD fetches the source."""
    return _ADDRESS.match(source) is not None


def is_archive_name(source: str) -> bool:
    """Whether the source's name is that of an archive, or of a compressed file, which may be one."""
    return _ARCHIVE.search(source) is not None


def kept_whole(subject: Subject, source: str) -> bool:
    """Whether the source is surely a directory or a file that is no archive: ADD does not unpack what is inside."""
    path = source.strip("\"'")
    if path in (".", "./", "/") or path.endswith("/"):
        return "$" not in path
    if subject.context is None or any(char in path for char in "*?[$\\"):
        return False
    entry = subject.context.tree.get(_normal(path))
    return entry is not None and (entry.kind is Kind.DIRECTORY or (entry.kind is Kind.FILE and _is_plain(entry)))


def _normal(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _is_plain(entry: Entry) -> bool:
    """Whether a file begins as no archive does; what may be a tar archive of old form, without a mark, is not plain."""
    if entry.content is None:
        return False
    try:
        with entry.content.open() as stream:
            head = stream.read(_HEAD)
    except (LissomError, OSError):
        return False
    if head.startswith(_MAGIC) or head[_TAR[0] : _TAR[0] + len(_TAR[1])] == _TAR[1]:
        return False
    return len(head) < _HEAD or b"\0" not in head
