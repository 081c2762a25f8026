"""Where an image can be fetched from: the ordered hosts for a reference."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.oci.reference import Reference

__all__ = ["Endpoint", "endpoints"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One host that serves a repository. ``registry`` is the name that logins are kept under."""

    registry: str
    host: str
    repository: str


def endpoints(reference: Reference) -> tuple[Endpoint, ...]:
    """The hosts to ask for ``reference``, best first; the last is the registry that the reference names."""
    return (Endpoint(reference.registry, reference.host, reference.repository),)
