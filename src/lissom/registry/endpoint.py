"""Where a repository can be reached, and what each place may be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from lissom.oci.reference import Reference
from lissom.registry.trust import Trust

__all__ = ["Endpoint", "Route", "Routes", "direct"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One host that serves a repository.

    ``registry`` is the name that logins are kept under, ``host`` is ``host[:port]``, ``repository`` the path of the
    repository there. ``scheme`` is ``http`` or ``https`` where a configuration says so; empty means https, or what the
    host turns out to speak where it may be spoken to in the clear. ``path`` stands before the repository in URLs.
    ``tags`` and ``digests`` say what the place may be asked by. ``mirror`` marks a place other than the registry that
    the reference names: nothing is written there. ``namespace`` goes along as ``?ns=``. ``trust`` beats what the
    network says of the host. Times are seconds.
    """

    registry: str
    host: str
    repository: str
    scheme: str = ""
    path: str = "/v2"
    tags: bool = True
    digests: bool = True
    mirror: bool = False
    namespace: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    trust: Trust | None = None
    connect_deadline: float | None = None

    def path_of(self, rest: str) -> str:
        """The path of something of the repository, ``/manifests/1`` say, on this host, with its query."""
        whole = f"{self.path}/{self.repository}{rest}"
        if not self.namespace:
            return whole
        return f"{whole}{'&' if '?' in rest else '?'}ns={quote(self.namespace, safe='')}"

    def serves(self, url: str) -> bool:
        """Whether a URL is of this host, so that what was said of the host holds for it."""
        parts = urlsplit(url)
        return parts.netloc.lower() == self.host.lower() and self.scheme in ("", parts.scheme)


@dataclass(frozen=True, slots=True)
class Route:
    """The ways to one repository: ``endpoints`` in the order to be asked for reading, ``origin`` for writing.

    ``origin`` is among the endpoints unless a configuration allows mirrors only. ``said_by`` names the file that the
    order comes from, for those who ask; empty when nobody said anything.
    """

    endpoints: tuple[Endpoint, ...]
    origin: Endpoint
    said_by: str = ""


Routes = Callable[[Reference], Route]
"""What a configuration makes of a reference. Raises RegistryError for one that it forbids, UsageError for bad files."""


def direct(reference: Reference) -> Route:
    """The registry that the reference names, and no other place."""
    origin = Endpoint(reference.registry, reference.host, reference.repository)
    return Route((origin,), origin)
