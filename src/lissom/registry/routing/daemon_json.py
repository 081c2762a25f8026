"""dockerd's ``daemon.json``: mirrors of the Hub, and hosts that need no verified certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint, Route, direct
from lissom.registry.routing.address import Address, parse_address
from lissom.registry.routing.files import Section, read_json
from lissom.registry.wire.network import host_of

__all__ = ["DaemonFile", "parse_daemon_file", "read_daemon_file"]

_Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class DaemonFile:
    """What the file says of registries."""

    file: Path
    mirrors: tuple[Address, ...] = ()
    insecure_hosts: frozenset[str] = frozenset()
    insecure_nets: tuple[_Net, ...] = ()

    def route(self, reference: Reference) -> Route | None:
        """The Hub's mirrors in their order, then the Hub; None for other registries."""
        if not self.mirrors or reference.registry != "docker.io":
            return None
        origin = direct(reference).origin
        mirrors = tuple(
            Endpoint(
                mirror.registry,
                mirror.contact,
                reference.repository,
                scheme=mirror.scheme,
                mirror=True,
            )
            for mirror in self.mirrors
        )
        return Route((*mirrors, origin), origin, str(self.file))

    def insecure(self, host: str, addresses: Callable[[str], tuple[str, ...]]) -> bool:
        """Whether ``host[:port]`` is listed, or one of its addresses in a listed net."""
        if host in self.insecure_hosts:
            return True
        if not self.insecure_nets:
            return False
        name = host_of(host)
        try:
            found: tuple[str, ...] = (str(ipaddress.ip_address(name)),)
        except ValueError:
            found = addresses(name)
        known = [ipaddress.ip_address(item.partition("%")[0]) for item in found]
        return any(item in net for item in known for net in self.insecure_nets)


def read_daemon_file(files: Iterable[Path]) -> DaemonFile | None:
    """The first of the files that is there. Raises UsageError."""
    section = next((section for file in files if (section := read_json(file))), None)
    return parse_daemon_file(section) if section else None


def parse_daemon_file(section: Section) -> DaemonFile:
    """Read what concerns registries, and nothing else. Raises UsageError."""
    mirrors = tuple(_mirror(section, text) for text in section.texts("registry-mirrors"))
    hosts, nets = set(), []
    for text in section.texts("insecure-registries"):
        try:
            nets.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError:
            hosts.add(_host(section, text))
    return DaemonFile(section.file, mirrors, frozenset(hosts), tuple(nets))


def _mirror(section: Section, text: str) -> Address:
    try:
        address = parse_address(text)
    except ValueError as error:
        raise section.wrong("registry-mirrors", f"`{text[:200]}` {error}") from error
    if not address.scheme:
        raise section.wrong("registry-mirrors", f"`{text[:200]}` begins with neither https:// nor http://")
    if address.path:
        raise section.wrong("registry-mirrors", f"`{text[:200]}` has a path, which dockerd does not allow")
    return address


def _host(section: Section, text: str) -> str:
    try:
        address = parse_address(text)
    except ValueError as error:
        raise section.wrong("insecure-registries", f"`{text[:200]}` {error}") from error
    if address.path:
        raise section.wrong("insecure-registries", f"`{text[:200]}` is neither a host nor a net")
    return address.host
