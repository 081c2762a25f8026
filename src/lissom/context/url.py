"""Remote files: for ADD, for contexts and Dockerfiles given as a URL."""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import Path
from urllib.parse import urlsplit

from lissom.errors import IntegrityError, StepError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.tree import Tree

__all__ = ["fetch", "remote_name"]

_CHUNK = 1 << 18


def remote_name(url: str) -> str:
    """The file name that a URL stands for: the last part of its path."""
    return posixpath.basename(posixpath.normpath(urlsplit(url).path or "/")) or "__unnamed__"


def fetch(url: str, directory: Path, *, checksum: str = "") -> Tree:
    """Download ``url`` to ``directory``; a tree of one file, mode 0600, dated by Last-Modified (else 0).

    ``checksum`` is ``sha256:…`` or empty. Raises StepError when the server refuses, IntegrityError for other content.
    """
    place = directory / "content"
    shown = _without_password(url)
    algorithm, _, wanted = checksum.partition(":")
    digest = hashlib.new(algorithm or "sha256")
    import urllib3

    retries = urllib3.Retry(total=4, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), raise_on_status=False)
    timeout = urllib3.Timeout(connect=20, read=120)
    size = 0
    try:
        with (
            urllib3.PoolManager(retries=retries, timeout=timeout) as pool,
            pool.request("GET", url, preload_content=False, headers={"Accept-Encoding": "identity"}) as response,
            place.open("wb") as file,
        ):
            if response.status != 200:
                raise StepError(f"cannot download `{shown}`: the server answered {response.status} {response.reason}")
            while block := response.read(_CHUNK, decode_content=False):
                digest.update(block)
                size += file.write(block)
            mtime = _modified(response.headers.get("Last-Modified"))
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise StepError(f"cannot download `{shown}`: {_cause(error)}") from error
    if wanted and digest.hexdigest() != wanted:
        raise IntegrityError(f"cannot use `{shown}`: its {algorithm} is {digest.hexdigest()}, not {wanted}")
    name = remote_name(url)
    return Tree({name: Entry(name, Kind.FILE, 0o600, 0, 0, mtime, size, content=HostFile(place))})


def _cause(error: BaseException) -> str:
    """What the operating system or the protocol said, below the layers that wrapped it."""
    while True:
        below = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(below, BaseException):
            break
        error = below
    return getattr(error, "strerror", None) or str(error)


def _modified(header: str | None) -> int:
    from email.utils import parsedate_to_datetime

    try:
        return max(0, int(parsedate_to_datetime(header or "").timestamp()))
    except (ValueError, TypeError):
        return 0


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
