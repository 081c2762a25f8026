"""Places that images are fetched from, as tables and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lissom.api.mirrors import Way
    from lissom.oci.reference import Reference
    from lissom.registry.endpoint import Endpoint, Route
    from lissom.registry.timing import Timed

__all__ = ["route_json", "route_text", "timed_json", "timed_text"]


def _url(endpoint: Endpoint) -> str:
    # Without a scheme it is https, or what a host that need not speak TLS turns out to speak.
    return f"{endpoint.scheme}{'://' if endpoint.scheme else ''}{endpoint.host}{endpoint.path}/{endpoint.repository}"


def _uses(endpoint: Endpoint) -> str:
    return ", ".join(what for what, able in (("tags", endpoint.tags), ("digests", endpoint.digests)) if able)


def route_text(reference: Reference, route: Route, found: tuple[Way, ...]) -> str:
    from lissom.report.terminal import table

    said = f"as {route.said_by} says" if route.said_by else "as its name says"
    rows = [
        [
            str(number),
            _url(way.endpoint),
            "mirror" if way.endpoint.mirror else "registry",
            _uses(way.endpoint),
            "put back" if way.put_back else "",
        ]
        for number, way in enumerate(found, 1)
    ]
    return f"{reference.familiar} ({said})\n" + table(["", "ADDRESS", "WHAT", "ASKED BY", "NOW"], rows)


def route_json(reference: Reference, route: Route, found: tuple[Way, ...]) -> dict[str, Any]:
    return {
        "image": str(reference),
        "saidBy": route.said_by or None,
        "pushedTo": route.origin.host,
        "endpoints": [_endpoint_json(way.endpoint) | {"putBack": way.put_back} for way in found],
    }


def _endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    # Headers stay out: they may hold secrets.
    return {
        "host": endpoint.host,
        "url": _url(endpoint),
        "mirror": endpoint.mirror,
        "tags": endpoint.tags,
        "digests": endpoint.digests,
    }


def timed_text(reference: Reference, timed: tuple[Timed, ...], ranks: dict[Endpoint, int]) -> str:
    from lissom.report.terminal import size, table

    rows = []
    for item in timed:
        times = [f"{seconds * 1000:.0f} ms" if seconds is not None else "-" for seconds in _times(item)]
        rate = f"{size(round(item.rate))}/s" if item.rate else "-"
        note = item.error.partition("`: ")[2] or item.error or _other(item, timed)
        rows.append([str(ranks.get(item.endpoint, "-")), item.endpoint.host, *times, rate, note])
    head = ["RANK", "HOST", "CONNECT", "TLS", "MANIFEST", "RATE", ""]
    return f"{reference.familiar}\n" + table(head, rows)


def _times(item: Timed) -> tuple[float | None, ...]:
    return item.connect, item.tls, item.manifest


def _other(item: Timed, timed: tuple[Timed, ...]) -> str:
    """That a mirror is behind the registry, which only a comparison shows."""
    own = next((other.digest for other in timed if not other.endpoint.mirror), None)
    return "holds another image than the registry" if own and item.digest and item.digest != own else ""


def timed_json(item: Timed, rank: int | None) -> dict[str, Any]:
    return _endpoint_json(item.endpoint) | {
        "rank": rank,
        "connectSeconds": item.connect,
        "tlsSeconds": item.tls,
        "manifestSeconds": item.manifest,
        "bytesPerSecond": round(item.rate) if item.rate else None,
        "digest": item.digest,
        "error": item.error or None,
    }
