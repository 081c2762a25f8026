"""What scanners read of a package without dpkg's database: its fields and sums, below ``/var/lib/dpkg/status.d``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from lissom.distroless.archive.deb import Deb
from lissom.distroless.paths import merged
from lissom.distroless.tree.draft import Draft, file
from lissom.rootfs.entry import Content, Entry

__all__ = ["RECORDS", "records"]

RECORDS = "var/lib/dpkg/status.d"
_SUM = re.compile(r"([0-9a-f]{32}) [ *](.+)")
_CHUNK = 1 << 20


def records(deb: Deb, name: str, draft: Draft) -> Iterator[Entry]:
    """The records of the package ``name``, with the sums of exactly those of its files that are in ``draft``."""
    where = f"{RECORDS}/{name}"
    control = deb.control["control"].rstrip() + b"\n"
    yield file(where, control.replace(b"\nVersion:", b"\nStatus: install ok installed\nVersion:", 1))
    sums = deb.control.get("md5sums", b"").decode("utf-8", "surrogateescape")
    lines = "".join(_lines(sums, name, draft))
    if lines:
        yield file(f"{where}.md5sums", lines.encode("utf-8", "surrogateescape"))


def _lines(sums: str, name: str, draft: Draft) -> Iterator[str]:
    for line in sums.splitlines():
        found = _SUM.fullmatch(line)
        path = merged(found[2].removeprefix("./")) if found else ""
        entry, origin = draft.entries.get(path), draft.origins.get(path)
        if found and entry is not None and entry.content is not None and origin is not None and origin.package == name:
            yield f"{_sum(entry.content) if origin.reason else found[1]}  {found[2]}\n"


def _sum(content: Content) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with content.open() as stream:
        while data := stream.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()
