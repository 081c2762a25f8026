"""Remote files: for ADD, for contexts and Dockerfiles given as a URL."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lissom.errors import IntegrityError, StepError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.tree import Tree

if TYPE_CHECKING:
    import urllib3

__all__ = ["Pools", "fetch", "remote_name"]

_CHUNK = 1 << 18
_LONGEST_CHAIN = 8

Pools = Callable[[str], "urllib3.PoolManager"]
"""The connections by which a URL is reached: by which proxy, and whom they believe."""


def remote_name(url: str) -> str:
    """The file name that a URL stands for: the last part of its path."""
    return posixpath.basename(posixpath.normpath(urlsplit(url).path or "/")) or "__unnamed__"


def fetch(url: str, directory: Path, *, checksum: str = "", pools: Pools | None = None) -> Tree:
    """Download ``url`` to ``directory``; a tree of one file, mode 0600, dated by Last-Modified (else 0).

    ``checksum`` is ``sha256:…`` or empty; without ``pools`` all is reached directly.
    Raises StepError when the server refuses, IntegrityError for other content.
    """
    place = directory / "content"
    shown = _without_password(url)
    algorithm, _, wanted = checksum.partition(":")
    digest = hashlib.new(algorithm or "sha256")
    import urllib3

    size = 0
    try:
        with _answer(url, pools) as response, place.open("wb") as file:
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


@contextlib.contextmanager
def _answer(url: str, pools: Pools | None) -> Iterator[urllib3.BaseHTTPResponse]:
    """The answer at the end of redirects, each followed by the connections of its own."""
    import urllib3

    retries = urllib3.Retry(total=4, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504), raise_on_status=False)
    timeout = urllib3.Timeout(connect=20, read=120)
    with urllib3.PoolManager() as direct:
        here = url
        for _ in range(_LONGEST_CHAIN):
            with (pools(here) if pools else direct).request(
                "GET", here, headers={"Accept-Encoding": "identity"}, redirect=False, preload_content=False,
                retries=retries, timeout=timeout,
            ) as response:  # fmt: skip
                target = response.get_redirect_location()
                if not target:
                    yield response
                    return
                here = urljoin(here, target)
    raise StepError(f"cannot download `{_without_password(url)}`: more than {_LONGEST_CHAIN} redirects")


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
