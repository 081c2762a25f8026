"""How registries are reached: certificates, proxies, deadlines, and which hosts may be spoken to without TLS."""

from __future__ import annotations

import ipaddress
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from lissom.registry.trust import Trust
from lissom.registry.wire.pauses import Pauses
from lissom.registry.wire.proxies import Proxies

__all__ = ["Network", "host_of", "is_loopback", "is_private", "look_up", "shown", "wait_asked"]

_SHORTEST_WAIT = 0.5
_LONGEST_BACKOFF = 15.0


def look_up(host: str) -> tuple[str, ...]:
    """The addresses of a host name; empty when it has none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(sorted({str(item[4][0]) for item in found}))


@dataclass(frozen=True, slots=True)
class Network:
    """Everything about the way to a registry that a user can choose. Times are seconds.

    ``insecure`` lists hosts (``host`` or ``host:port``) that may be spoken to with a certificate nobody vouches for,
    or in the clear; loopback hosts always may, as with docker, unless ``trusts`` knows an authority for them.
    ``trusts`` is what a configuration says of ``host[:port]``, ``ca_file`` an authority for all. ``proxies`` says
    which proxy leads where.
    ``connections`` is how many blobs and parts of blobs may be on the way at once.
    ``longest_wait`` is how long a registry may make us wait by Retry-After before that is an error.
    """

    insecure: frozenset[str] = frozenset()
    ca_file: Path | None = None
    trusts: Callable[[str], Trust] | None = None
    proxies: Proxies = field(default_factory=Proxies)
    connect_deadline: float = 10.0
    stall_deadline: float = 30.0
    attempts: int = 5
    connections: int = 6
    longest_wait: float = 60.0
    agent: str = "lissom"
    pauses: Pauses = field(default_factory=Pauses)
    addresses: Callable[[str], tuple[str, ...]] = look_up

    def sleep(self, seconds: float) -> None:
        """Wait so long before another try. Raises RegistryError when the work is given up meanwhile."""
        self.pauses.sleep(seconds)

    def may_be_plain(self, host: str) -> bool:
        """Whether ``host[:port]`` may be spoken to without a verified certificate."""
        return self.trust(host).plain

    def trust(self, host: str, own: Trust | None = None) -> Trust:
        """How ``host[:port]`` is checked; ``own`` is what its endpoint says, which beats ``trusts``."""
        said = self.trusts(host) if self.trusts else Trust()
        if own:
            authorities, certificates = own.authorities or said.authorities, own.certificates or said.certificates
            said = replace(own, authorities=authorities, certificates=certificates)
        loose = host in self.insecure or host_of(host) in self.insecure
        loose = loose or (is_loopback(host) and not said.authorities)
        return replace(
            said,
            authorities=((self.ca_file,) if self.ca_file else ()) + said.authorities,
            verify=said.verify and not loose,
            plain=said.plain or loose,
        )

    def proxy_for(self, url: str) -> str | None:
        """The proxy for ``url``, or None for a direct connection. Loopback is always direct."""
        return self.proxies.for_url(url)

    def back_off(self, attempt: int) -> float:
        """How long to wait after try number ``attempt``: doubling, with jitter so that many do not come at once."""
        longest = min(_LONGEST_BACKOFF, _SHORTEST_WAIT * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load, guards nothing)


def host_of(netloc: str) -> str:
    """The host name of ``host[:port]``, without the brackets of an IPv6 address, in lower case."""
    return (urlsplit("//" + netloc).hostname or "").lower()


def is_loopback(netloc: str) -> bool:
    """Whether ``host[:port]`` is this machine by its name or address; nothing is looked up."""
    name = host_of(netloc)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_private(network: Network, name: str) -> bool:
    """Whether a host is, or has a name for, an address that only we can reach: loopback, private, link-local."""
    try:
        addresses: tuple[str, ...] = (str(ipaddress.ip_address(name)),)
    except ValueError:
        addresses = network.addresses(name)
    return any(not ipaddress.ip_address(a.partition("%")[0]).is_global for a in addresses)


def shown(url: str) -> str:
    """A URL as messages may show it: no user, no password, no query (signed URLs keep their secret there)."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "…" if parts.query else "", ""))


def wait_asked(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None when it says nothing readable."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
