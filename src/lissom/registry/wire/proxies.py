"""Which proxy leads to a URL, as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY have it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lissom.errors import UsageError

__all__ = ["SCHEMES", "Proxies"]

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies for ``http`` and ``https`` URLs, and what is reached without: items of NO_PROXY.

    An item is a host name with all below it, an address, a network such as ``10.0.0.0/8``, each with or without a
    port; ``*`` is everything. Loopback is always reached directly.
    """

    by_scheme: Mapping[str, str] = field(default_factory=dict)
    direct: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Proxies:
        """What variables say: names in lower case beat those in upper case. Raises UsageError."""
        common = _either(environment, "all_proxy")
        found = {scheme: _either(environment, f"{scheme}_proxy") or common for scheme in _PORTS}
        items = tuple(re.split(r"[,\s]+", _either(environment, "no_proxy").strip()))
        return cls({scheme: _checked(url) for scheme, url in found.items() if url}, tuple(i for i in items if i))

    def for_url(self, url: str) -> str | None:
        """The proxy for ``url``, None when it is reached directly."""
        parts = urlsplit(url)
        proxy = self.by_scheme.get(parts.scheme)
        if proxy is None:
            return None
        name, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS[parts.scheme]
        return None if _is_here(name) or any(_fits(item, name, port) for item in self.direct) else proxy


def _either(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _checked(text: str) -> str:
    """The URL of a proxy; an address alone is that of an HTTP proxy. No message shows what may be a password."""
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("cannot use the proxy that the environment names: its address cannot be read") from None
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if parts.scheme not in SCHEMES:
        raise UsageError(f"cannot use proxy `{shown}`: it is none of {', '.join(SCHEMES)}")
    if not host:
        raise UsageError(f"cannot use proxy `{shown}`: it names no host")
    return url


def _is_here(name: str) -> bool:
    address = _address(name)
    return name == "localhost" or name.endswith(".localhost") or (address is not None and address.is_loopback)


def _fits(item: str, name: str, port: int) -> bool:
    if item == "*":
        return True
    wanted, only = _split_port(item.lower())
    if only not in (None, port):
        return False
    address = _address(name)
    if address is not None:
        try:
            return address in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
    suffix = wanted.removeprefix("*").removeprefix(".").rstrip(".")
    return bool(suffix) and (name == suffix or name.endswith(f".{suffix}"))


def _split_port(item: str) -> tuple[str, int | None]:
    """A host or network, and the port behind it; IPv6 addresses with a port are in brackets."""
    match = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?|([^:]*):(\d+)", item)
    if match is None:
        return item, None
    port = match[2] or match[4]
    return match[1] or match[3] or "", int(port) if port else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
