"""lissom's own short form: ``[REGISTRY[/PATH]=]ADDRESS``, by flags, the environment or the settings file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lissom.errors import UsageError
from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint, Route, direct
from lissom.registry.routing.address import Address, name_of, parse_address, parse_prefix
from lissom.registry.routing.prefix import matched

__all__ = ["Mirrors", "parse_mirrors", "split_list"]


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Prefixes of names and the mirrors that serve them, in order; ``said_by`` is where that stands."""

    said_by: str
    prefixes: tuple[tuple[str, tuple[Address, ...]], ...] = ()

    def route(self, reference: Reference) -> Route | None:
        """The mirrors of the longest prefix that covers the reference, then its registry; None when none does."""
        name = reference.name
        covering = [(prefix, mirrors) for prefix, mirrors in self.prefixes if matched(prefix, name)]
        if not covering:
            return None
        prefix, mirrors = max(covering, key=lambda item: len(item[0]))
        # A mirror of a whole registry gets all of the path, that of a part only what follows the part.
        rest = reference.repository if "/" not in prefix else name[matched(prefix, name) :]
        origin = direct(reference).origin
        return Route((*(_endpoint(item, rest) for item in mirrors), origin), origin, self.said_by)


def parse_mirrors(pairs: Iterable[str] | Mapping[str, Iterable[str]], said_by: str) -> Mirrors:
    """Read ``[PREFIX=]ADDRESS`` texts, or lists of addresses by prefix. Raises UsageError."""
    if isinstance(pairs, Mapping):
        found = [(prefix, address) for prefix, addresses in pairs.items() for address in addresses]
    else:
        found = [_split(pair) for pair in pairs]
    prefixes: dict[str, list[Address]] = {}
    for prefix, address in found:
        try:
            clean = name_of(parse_prefix(prefix))
            if not any(c in clean.partition("/")[0] for c in ".:") and clean.partition("/")[0] != "localhost":
                raise ValueError("names no registry: those have a dot or a port")
        except ValueError as error:
            raise _wrong(said_by, prefix, error) from error
        try:
            prefixes.setdefault(clean, []).append(parse_address(address))
        except ValueError as error:
            raise _wrong(said_by, address, error) from error
    return Mirrors(said_by, tuple((prefix, tuple(mirrors)) for prefix, mirrors in prefixes.items()))


def split_list(text: str) -> tuple[str, ...]:
    """The items of an environment variable, between commas or white space."""
    return tuple(item for item in re.split(r"[\s,]+", text) if item)


def _split(pair: str) -> tuple[str, str]:
    prefix, equals, address = pair.partition("=")
    # As with dockerd, a mirror of which nothing is said is the Hub's.
    return (prefix, address) if equals else ("docker.io", pair)


def _wrong(said_by: str, text: str, error: ValueError) -> UsageError:
    return UsageError(
        f"cannot use {said_by}: `{text[:200]}` {error}",
        hint="write REGISTRY=ADDRESS, as in docker.io=https://mirror.example.com",
    )


def _endpoint(address: Address, rest: str) -> Endpoint:
    return Endpoint(
        address.registry,
        address.contact,
        address.repository(rest),
        scheme=address.scheme,
        mirror=True,
    )
