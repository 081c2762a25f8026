"""What all configuration says together: the first that speaks of a repository decides where it is reached."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lissom.oci.reference import Reference
from lissom.registry.endpoint import Route, direct
from lissom.registry.routing.certificates import find_certificates
from lissom.registry.routing.daemon_json import DaemonFile, read_daemon_file
from lissom.registry.routing.files import names_in
from lissom.registry.routing.hosts_toml import find_hosts_file, known_registries
from lissom.registry.routing.prefix import sample
from lissom.registry.routing.registries_conf import RegistriesConf, read_registries_conf
from lissom.registry.routing.short import Mirrors
from lissom.registry.trust import Trust
from lissom.registry.wire.network import look_up

__all__ = ["Places", "Routing"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where configuration lies; what does not exist costs a look. The order is that of precedence.

    ``registries``: the first ``registries.conf`` that exists is read, and no other; ``named`` says that somebody asked
    for it, so that it must exist. ``registries_dirs``: drop-ins, later ones win; beside a file that is the user's own
    only those of ``user_dir`` count. ``hosts``: directories of ``hosts.toml``; ``daemons``: of ``daemon.json``, the
    first that exists; ``certificates``: directories of authorities and client certificates by host.
    """

    registries: tuple[Path, ...] = ()
    named: bool = False
    user_dir: Path | None = None
    registries_dirs: tuple[Path, ...] = ()
    hosts: tuple[Path, ...] = ()
    daemons: tuple[Path, ...] = ()
    certificates: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Routing:
    """All that was said; files are read when they are first asked for, and once. Threads may share it.

    ``short`` beats the files. ``mirrors_only``: what has mirrors is never asked at the registry itself.
    """

    short: tuple[Mirrors, ...] = ()
    places: Places = field(default_factory=Places)
    mirrors_only: bool = False
    addresses: Callable[[str], tuple[str, ...]] = look_up
    _trusts: dict[str, Trust] = field(default_factory=dict, init=False, compare=False, repr=False)

    def route(self, reference: Reference) -> Route:
        """Where a repository is reached. Raises RegistryError for a blocked one, UsageError for files."""
        self.registries_conf.check(reference)
        route = next((route for route in self._said(reference) if route), None) or direct(reference)
        if not self.mirrors_only:
            return route
        mirrors = tuple(endpoint for endpoint in route.endpoints if endpoint.mirror)
        return replace(route, endpoints=mirrors) if mirrors else route

    def samples(self) -> list[Reference]:
        """A name below each prefix that something speaks of, to show what becomes of it. Raises UsageError."""
        prefixes = [prefix for mirrors in self.short for prefix, _ in mirrors.prefixes]
        prefixes += [table.prefix for table in self.registries_conf.tables if not table.blocked]
        prefixes += known_registries(self.places.hosts)
        prefixes += ["docker.io"] if self.daemon and self.daemon.mirrors else []
        return [reference for prefix in dict.fromkeys(prefixes) if (reference := sample(prefix))]

    def trust(self, host: str) -> Trust:
        """How ``host[:port]`` is checked. Raises UsageError for files."""
        if host not in self._trusts:
            self._trusts[host] = self._trust(host)
        return self._trusts[host]

    def _trust(self, host: str) -> Trust:
        names = (host, "docker.io") if host == "registry-1.docker.io" else (host,)
        name, colon, port = host.rpartition(":")
        found = find_certificates(self.places.certificates, (*names, f"{name}_{port}_") if colon else names)
        loose = any(self.registries_conf.insecure(name) for name in names)
        loose = loose or (self.daemon is not None and self.daemon.insecure(host, self.addresses))
        return replace(found, verify=False, plain=True) if loose else found

    @cached_property
    def registries_conf(self) -> RegistriesConf:
        """``registries.conf`` with its drop-ins."""
        return read_registries_conf(self.registries_files, needed=self.places.named)

    @cached_property
    def registries_files(self) -> tuple[Path, ...]:
        """The files that ``registries_conf`` is made of: the main one, then drop-ins in the order they are read."""
        places = self.places
        main = next((file for file in places.registries if places.named or os.path.exists(file)), None)
        own = main is not None and not places.named and main.parent / "registries.conf.d" == places.user_dir
        directories = (places.user_dir,) if own and places.user_dir else places.registries_dirs
        dropped = (
            directory / name for directory in directories for name in names_in(directory) if name.endswith(".conf")
        )
        return (*((main,) if main else ()), *dropped)

    @cached_property
    def daemon(self) -> DaemonFile | None:
        """``daemon.json``."""
        return read_daemon_file(self.places.daemons)

    def _said(self, reference: Reference) -> Iterator[Route | None]:
        for mirrors in self.short:
            yield mirrors.route(reference)
        yield self.registries_conf.route(reference)
        hosts = find_hosts_file(self.places.hosts, reference.registry)
        yield hosts.route(reference) if hosts else None
        yield self.daemon.route(reference) if self.daemon else None
