"""Archives of the past, as Debian's snapshot service keeps them: ``…/archive/NAME/MOMENT/dists/…``."""

from __future__ import annotations

import re
import time
import urllib.parse
from collections.abc import Iterable
from dataclasses import replace

from lissom.distroless.archive.signature import DEBIAN_KEYRING
from lissom.distroless.archive.sources import Source
from lissom.errors import UsageError

__all__ = ["is_snapshot", "moment_after", "of_moment", "snapshot_of"]

_SERVICE = "snapshot.debian.org"
_KEPT = re.compile(r"(?P<before>.*/archive/(?P<name>[^/]+))/\d{8}T\d{6}Z")
_MOMENT = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T?(\d{2}):?(\d{2}):?(\d{2})Z?)?")


def of_moment(sources: Iterable[Source], moment: str) -> list[Source]:
    """``sources`` as they were at ``moment``: a date, or a date and a time such as 20261101T120000Z in UTC.

    The service stands in for every mirror; its Release files are as old as they are to be, so Valid-Until is not
    checked. What is not of Debian's own archive stays as it is. Raises UsageError.
    """
    match = _MOMENT.fullmatch(moment.strip())
    if not match:
        raise UsageError(
            f"cannot use snapshot `{moment}`: it is neither a date nor a moment", hint="an example: 20261101T000000Z"
        )
    words = [word or "00" for word in match.groups()]
    stamp = f"{''.join(words[:3])}T{''.join(words[3:])}Z"
    found: dict[tuple[str, str], Source] = {}
    for source in sources:
        uri = snapshot_of(source, stamp)
        moved = replace(source, uri=uri, mirrors=(), check_valid_until=False) if uri else source
        found.setdefault((moved.uri, source.suite), moved)
    return list(found.values())


def snapshot_of(source: Source, stamp: str) -> str | None:
    """Where the archive of ``source`` is as of ``stamp``: with the same keeper, or, being Debian's, with its."""
    if match := _KEPT.fullmatch(source.uri):
        return f"{match['before']}/{stamp}"
    parts = urllib.parse.urlsplit(source.uri)
    name = parts.path.rstrip("/").rpartition("/")[2]
    if not name.startswith("debian"):
        if set(source.signed_by) - {DEBIAN_KEYRING}:
            return None
        name = "debian-security" if source.suite.endswith(("-security", "/updates")) else "debian"
    scheme = parts.scheme if parts.scheme in ("http", "https") else "https"
    return f"{scheme}://{_SERVICE}/archive/{name}/{stamp}"


def moment_after(date: int) -> str:
    """When the service, which looks every 6 hours, has what an archive of ``date`` (seconds since 1970) had."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(date + 12 * 3600))


def is_snapshot(uri: str) -> bool:
    """Whether ``uri`` is below an archive of the past."""
    return _KEPT.match(uri) is not None
