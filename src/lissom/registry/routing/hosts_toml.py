"""``hosts.toml``, one for each registry, as containerd, nerdctl and dockerd with containerd's store read it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint, Route, direct
from lissom.registry.routing.address import Address, parse_address
from lissom.registry.routing.files import Section, names_in, read_toml
from lissom.registry.trust import Trust

__all__ = ["HostsFile", "Place", "find_hosts_file", "known_registries", "parse_hosts_file"]

_ABILITIES = ("pull", "resolve", "push")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_PORTED = re.compile(r"(.+)_(\d+)_")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A host of the file. ``path`` is what stands before a repository; without an address it is the registry."""

    address: Address | None
    path: str
    abilities: tuple[str, ...]
    trust: Trust | None
    headers: tuple[tuple[str, str], ...]
    connect_deadline: float | None


@dataclass(frozen=True, slots=True)
class HostsFile:
    """The hosts in the file's order, and the server, which is asked last."""

    file: Path
    hosts: tuple[Place, ...]
    server: Place

    def route(self, reference: Reference) -> Route:
        """The ways to a repository of the registry that the file is about.

        A server of another name is read only: what is pushed goes where the reference says.
        """
        places = [*self.hosts, self.server]
        endpoints = [_endpoint(place, reference) for place in places if "pull" in place.abilities]
        server = _endpoint(self.server, reference)
        return Route(tuple(endpoints), direct(reference).origin if server.mirror else server, str(self.file))


def find_hosts_file(directories: Iterable[Path], registry: str) -> HostsFile | None:
    """The file of a registry: in each directory that of its host and port, else that of ``_default``.

    Raises UsageError.
    """
    name, colon, port = registry.rpartition(":")
    own = [f"{name}_{port}_", registry] if colon and port.isdigit() else [registry]
    for directory in directories:
        # As containerd has it: a directory of the registry's own ends the search, whether it holds the file or not.
        found = next((item for item in [*own, "_default"] if os.path.isdir(directory / item)), None)
        if found and (section := read_toml(directory / found / "hosts.toml")):
            return parse_hosts_file(section)
    return None


def known_registries(directories: Iterable[Path]) -> list[str]:
    """The registries that have a file of their own."""
    found = []
    for directory in directories:
        for name in names_in(directory):
            if name != "_default" and os.path.isfile(directory / name / "hosts.toml"):
                ported = _PORTED.fullmatch(name)
                found.append(f"{ported[1]}:{ported[2]}" if ported else name)
    return found


def parse_hosts_file(section: Section) -> HostsFile:
    """Read a file. Raises UsageError."""
    hosts = section.section("host")
    places = []
    for url in hosts.values:
        below = Section(section.file, f'host."{url[:200]}".', hosts.section(url).values)
        try:
            address = parse_address(url)
        except ValueError as error:
            raise hosts.wrong(f'"{url[:200]}"', str(error)) from error
        places.append(_place(below, address))
    return HostsFile(section.file, tuple(places), _place(section, _server(section)))


def _server(section: Section) -> Address | None:
    server = section.text("server").strip()
    try:
        return parse_address(server) if server else None
    except ValueError as error:
        raise section.wrong("server", f"`{server[:200]}` {error}") from error


def _place(section: Section, address: Address | None) -> Place:
    path = f"/{address.path}" if address and address.path else ""
    if not section.flag("override_path") and not path.endswith("/v2"):
        path += "/v2"
    return Place(
        address, path, _abilities(section), _trust(section), _headers(section), _seconds(section, "dial_timeout")
    )


def _abilities(section: Section) -> tuple[str, ...]:
    said = tuple(item.lower() for item in section.texts("capabilities"))
    for item in said:
        if item not in (*_ABILITIES, "referrers"):
            raise section.wrong("capabilities", f"has `{item[:100]}`, none of {', '.join(_ABILITIES)}")
    return said or _ABILITIES


def _trust(section: Section) -> Trust | None:
    directory = section.file.parent
    authorities = tuple(directory / item for item in section.texts("ca"))
    certificates = tuple((directory / certificate, directory / key) for certificate, key in _pairs(section))
    loose = section.flag("skip_verify")
    if not (authorities or certificates or loose):
        return None
    return Trust(authorities, certificates, verify=not loose)


def _pairs(section: Section) -> list[tuple[str, str]]:
    value: Any = section.values.get("client", [])
    found = []
    for item in [value] if isinstance(value, str) else value if isinstance(value, list) else [None]:
        if isinstance(item, str):
            found.append((item, item))
        elif isinstance(item, list) and len(item) == 2 and all(isinstance(file, str) for file in item):
            # The key may stand in the certificate's file.
            found.append((item[0], item[1] or item[0]))
        else:
            raise section.wrong("client", "is neither a file nor a list of files or pairs of certificate and key")
    return found


def _headers(section: Section) -> tuple[tuple[str, str], ...]:
    headers = section.section("header")
    found = []
    for name in headers.values:
        for value in headers.texts(name):
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or not value.isascii():
                raise section.wrong("header", f"`{name[:100]!s}` cannot be sent")
            found.append((name, value))
    return tuple(found)


def _seconds(section: Section, key: str) -> float | None:
    text = section.text(key).strip()
    if not text:
        return None
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise section.wrong(key, f"`{text[:100]}` is no time such as `3s` or `1m30s`")
    return sum(float(number) * _UNITS[unit] for number, unit in parts) or None


def _endpoint(place: Place, reference: Reference) -> Endpoint:
    address = place.address
    registry = address.registry if address else reference.registry
    mirror = registry != reference.registry
    return Endpoint(
        registry,
        address.contact if address else reference.host,
        reference.repository,
        scheme=(address.scheme or "https") if address else "",
        path=place.path,
        # Who tells what a tag means must serve it too, as containerd has it.
        tags={"pull", "resolve"} <= {*place.abilities},
        digests="pull" in place.abilities,
        mirror=mirror,
        namespace=reference.registry if mirror else "",
        headers=place.headers,
        trust=place.trust,
        connect_deadline=place.connect_deadline,
    )
