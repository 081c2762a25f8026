"""Which ways lead to images, and which of them are quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.session import Session
from lissom.registry.timing import Timed, time_endpoint

__all__ = ["Way", "ranked", "timings", "ways"]

_MOST = 4 << 20
_LONGEST = 5.0
_USUAL_PULL = 50 << 20


@dataclass(frozen=True, slots=True)
class Way:
    """One place of a route; ``put_back`` when it failed lately, so that others are asked before it."""

    endpoint: Endpoint
    put_back: bool


def ways(session: Session, reference: Reference) -> tuple[Route, tuple[Way, ...]]:
    """The route of a reference, and its places in the order of the configuration. Raises RegistryError, UsageError."""
    route = session.route(reference)
    return route, tuple(Way(item, session.health.rests(item.host)) for item in route.endpoints)


def timings(session: Session, reference: Reference) -> tuple[Timed, ...]:
    """Each place of a route, timed one after the other; in the route's order.

    What a place may not be asked by tag it is asked by the digest that another one told. Who fails is put back, who
    works is not any more. Raises RegistryError, UsageError.
    """
    found: dict[Endpoint, Timed] = {}
    endpoints = session.route(reference).endpoints
    for endpoint in sorted(endpoints, key=lambda item: not item.tags):
        asked = reference
        if not endpoint.tags and not reference.digest:
            digest = next((timed.digest for timed in found.values() if timed.digest), None)
            if digest is None:
                found[endpoint] = Timed(endpoint, error="cannot be asked by tag, and nobody told the digest")
                continue
            asked = replace(reference, digest=digest)
        timed = time_endpoint(session, endpoint, asked, most=_MOST, longest=_LONGEST)
        found[endpoint] = timed
        (session.health.worked if timed.works else session.health.failed)(endpoint.host)
    return tuple(found[endpoint] for endpoint in endpoints)


def ranked(timed: Sequence[Timed]) -> dict[Endpoint, int]:
    """Ranks from 1 of the places that work, by how long a usual pull would take."""
    working = sorted((item for item in timed if item.works), key=lambda item: item.seconds_for(_USUAL_PULL))
    return {item.endpoint: rank for rank, item in enumerate(working, 1)}
