"""Addresses as configuration files write them, made into hosts and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Address", "name_of", "parse_address", "parse_prefix"]

_HOST = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
    r"|\[[a-fA-F0-9:.]+\])(?::([0-9]{1,5}))?"
)
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
_HUB = "docker.io"
_HUB_HOSTS = ("registry-1.docker.io", "index.docker.io", _HUB)


@dataclass(frozen=True, slots=True)
class Address:
    """``[scheme://]host[:port][/path]``; ``path`` has no slash at its ends."""

    scheme: str
    host: str
    path: str

    @property
    def registry(self) -> str:
        """The name that logins to the host are kept under."""
        return name_of(self.host)

    @property
    def contact(self) -> str:
        """The host to connect to: the Hub answers elsewhere than its name says."""
        return "registry-1.docker.io" if self.registry == _HUB else self.host

    def repository(self, rest: str) -> str:
        """The repository ``rest`` below this path; the Hub's official ones are below ``library``."""
        whole = "/".join(part for part in (self.path, rest.strip("/")) if part)
        return f"library/{whole}" if self.registry == _HUB and "/" not in whole else whole


def name_of(host: str) -> str:
    """A host's name as a registry, which for the Hub is not the host that answers."""
    return _HUB if host in _HUB_HOSTS else host


def parse_address(text: str) -> Address:
    """Read an address. Raises ValueError with the cause, to be put into a message after the object."""
    scheme, marker, rest = text.strip().partition("://")
    if not marker:
        scheme, rest = "", scheme
    if scheme.lower() not in ("", "http", "https"):
        raise ValueError(f"begins with {scheme[:20]}://, which is neither https:// nor http://")
    host, _, path = rest.partition("/")
    if "@" in host:
        raise ValueError("holds a login; logins are kept by `lissom login`")
    if "?" in rest or "#" in rest:
        raise ValueError("holds a query or a fragment")
    found = _HOST.fullmatch(host)
    if not found or int(found[1] or 1) > 65535 or not _real(host):
        raise ValueError(f"names no host: `{host[:100]!s}`")
    if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise ValueError(f"has a path that no registry has: `/{path[:100]}`")
    clean = "/".join(part for part in path.split("/") if part)
    return Address(scheme.lower(), host.lower(), clean)


def parse_prefix(text: str) -> str:
    """Read a beginning of image names, ``host[:port][/path]``; a host alone may be ``*.example.com``.

    Raises ValueError with the cause.
    """
    bare = text.strip()
    if "://" in bare:
        raise ValueError("begins with a scheme; the names of images do not")
    address = parse_address(bare.removeprefix("*."))
    if bare.startswith("*.") and address.path:
        raise ValueError("has both `*.` and a path")
    return bare.rstrip("/")


def _real(host: str) -> bool:
    try:
        return bool(urlsplit(f"//{host}").hostname)
    except ValueError:
        return False
