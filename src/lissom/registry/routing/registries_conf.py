"""``registries.conf``, version 2, as podman, buildah, skopeo and CRI-O read it: containers-registries.conf(5).

``unqualified-search-registries`` and ``[aliases]`` are not used: a short name is the Hub's here, as with docker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from lissom.errors import RegistryError, UsageError
from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint, Route, direct
from lissom.registry.routing.address import parse_prefix
from lissom.registry.routing.files import Section, read_toml
from lissom.registry.routing.prefix import matched, moved
from lissom.registry.trust import Trust

__all__ = ["Mirror", "RegistriesConf", "Table", "parse_registries_conf", "read_registries_conf"]

_INSECURE = Trust(verify=False, plain=True)
_USES = ("all", "digest-only", "tag-only")
_VERSION_1 = ("search", "insecure", "block")


@dataclass(frozen=True, slots=True)
class Mirror:
    """One ``[[registry.mirror]]``; ``use`` is all, digest-only or tag-only."""

    location: str
    insecure: bool = False
    use: str = "all"


@dataclass(frozen=True, slots=True)
class Table:
    """One ``[[registry]]``: what holds for the names that begin with ``prefix``. Without ``location`` they stay."""

    file: Path
    prefix: str
    location: str = ""
    insecure: bool = False
    blocked: bool = False
    mirrors: tuple[Mirror, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistriesConf:
    """All tables of a file and its drop-ins, one a prefix."""

    tables: tuple[Table, ...] = ()

    def find(self, name: str) -> Table | None:
        """The table with the longest prefix that covers an image's name, or a bare host."""
        covering = [table for table in self.tables if matched(table.prefix, name)]
        return max(covering, key=lambda table: len(table.prefix), default=None)

    def check(self, reference: Reference) -> None:
        """Raise RegistryError for a name that is blocked."""
        table = self.find(str(reference))
        if table and table.blocked:
            raise RegistryError(
                f"cannot use `{reference}`: `{table.file}` blocks `{table.prefix}`",
                hint="whoever runs this machine forbids it",
            )

    def route(self, reference: Reference) -> Route | None:
        """The mirrors in their order, then the location; None when no table speaks of the reference."""
        table = self.find(str(reference))
        if not table:
            return None
        covered = matched(table.prefix, str(reference))
        try:
            endpoints = [
                _endpoint(moved(reference, covered, mirror.location), insecure=mirror.insecure, use=mirror.use)
                for mirror in table.mirrors
                if mirror.use != "tag-only" or not reference.digest
            ]
            there = moved(reference, covered, table.location) if table.location else reference
        except UsageError as error:
            raise UsageError(f"{error.message} (said by `{table.file}`)", hint=error.hint) from error
        origin = direct(reference).origin
        if table.insecure:
            origin = replace(origin, trust=_INSECURE)
        last = origin if there == reference else _endpoint(there, insecure=table.insecure)
        return Route((*endpoints, last), origin, str(table.file))

    def insecure(self, host: str) -> bool:
        """Whether ``host[:port]`` may be spoken to without a verified certificate."""
        table = self.find(host)
        return table is not None and table.insecure


def read_registries_conf(files: Iterable[Path], *, needed: bool = False) -> RegistriesConf:
    """Read a file and its drop-ins; of two tables for one prefix the later file's holds. Raises UsageError.

    ``needed``: the first file must be there.
    """
    tables: dict[str, Table] = {}
    for number, file in enumerate(files):
        section = read_toml(file, needed=True)
        if section is None:
            if needed and number == 0:
                raise UsageError(f"cannot read `{file}`: there is no such file")
            continue
        tables |= {table.prefix: table for table in reversed(parse_registries_conf(section))}
    return RegistriesConf(tuple(tables.values()))


def parse_registries_conf(section: Section) -> tuple[Table, ...]:
    """The tables of one file. Raises UsageError."""
    old = section.values.get("registries")
    if isinstance(old, dict) and any(
        isinstance(old.get(key), dict) and old[key].get("registries") for key in _VERSION_1
    ):
        raise UsageError(
            f"cannot use `{section.file}`: it is of version 1, with [registries.search] and the like",
            hint="write [[registry]] tables; containers-registries.conf(5) tells how",
        )
    return tuple(_table(item) for item in section.sections("registry"))


def _table(section: Section) -> Table:
    prefix, location = _location(section, "prefix"), _location(section, "location")
    if not prefix and not location:
        raise section.wrong("prefix", "is missing, and so is `location`")
    if section.text("pull-from-mirror"):
        raise section.wrong("pull-from-mirror", "is for mirrors only", hint="put it below [[registry.mirror]]")
    if location.startswith("*."):
        raise section.wrong("location", "is no place to go to: `*.` stands for any host")
    by_digest = section.flag("mirror-by-digest-only")
    mirrors = tuple(_mirror(item, by_digest=by_digest) for item in section.sections("mirror"))
    return Table(
        section.file,
        prefix or location,
        "" if location in ("", prefix) else location if prefix else "",
        section.flag("insecure"),
        section.flag("blocked"),
        mirrors,
    )


def _mirror(section: Section, *, by_digest: bool) -> Mirror:
    location = _location(section, "location")
    if not location or location.startswith("*."):
        raise section.wrong("location", "is no place to go to" if location else "is missing")
    use = section.text("pull-from-mirror")
    if use and by_digest:
        raise section.wrong("pull-from-mirror", "cannot be used beside the registry's `mirror-by-digest-only`")
    if use and use not in _USES:
        raise section.wrong("pull-from-mirror", f"is `{use}`, none of {', '.join(_USES)}")
    return Mirror(location, section.flag("insecure"), "digest-only" if by_digest else use or "all")


def _location(section: Section, key: str) -> str:
    text = section.text(key).strip().rstrip("/")
    if not text:
        return ""
    # The name of one image may stand there too, with its tag or digest.
    head, slash, tail = text.partition("@")[0].rpartition("/")
    try:
        parse_prefix(f"{head}/{tail.partition(':')[0]}" if slash else tail)
    except ValueError as error:
        raise section.wrong(key, f"`{text[:200]}` {error}") from error
    return text


def _endpoint(reference: Reference, *, insecure: bool, use: str = "all") -> Endpoint:
    return Endpoint(
        reference.registry,
        reference.host,
        reference.repository,
        tags=use != "digest-only",
        mirror=True,
        trust=_INSECURE if insecure else None,
    )
