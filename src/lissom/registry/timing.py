"""How quickly one place serves a repository: each part of a download, timed by doing it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from lissom.errors import IntegrityError, LissomError, RegistryError, StoreError
from lissom.image.select import select
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, Descriptor, Index, Manifest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.reading.sources import Sources
from lissom.registry.session import Session
from lissom.registry.wire.tls import context_for
from lissom.registry.wire.transport import discard

__all__ = ["Timed", "time_endpoint"]

_CONNECT = 5.0
_SILENCE = 10.0
_PIECE = 64 << 10


@dataclass(frozen=True, slots=True)
class Timed:
    """What a place took: seconds to ``connect``, for ``tls``, until the ``manifest`` began; bytes a second of a blob.

    None where it did not come to that: ``error`` says why, or there is no TLS, or a proxy stands between. ``digest``
    is what the place holds under the name.
    """

    endpoint: Endpoint
    connect: float | None = None
    tls: float | None = None
    manifest: float | None = None
    rate: float | None = None
    digest: Digest | None = None
    error: str = ""

    @property
    def works(self) -> bool:
        return not self.error

    def seconds_for(self, size: int) -> float:
        """How long a pull of ``size`` bytes would take from here; infinite when the place does not work."""
        if self.error or not self.rate:
            return float("inf")
        return (self.connect or 0) + (self.tls or 0) + (self.manifest or 0) + size / self.rate


def time_endpoint(session: Session, endpoint: Endpoint, reference: Reference, *, most: int, longest: float) -> Timed:
    """Ask for ``reference`` and for up to ``most`` bytes, or ``longest`` seconds, of its largest layer.

    Nothing is raised for what the place does wrong, and nothing is tried twice.
    """
    network = session.network
    hasty = replace(
        network,
        attempts=1,
        connect_deadline=min(network.connect_deadline, _CONNECT),
        stall_deadline=min(network.stall_deadline, _SILENCE),
    )
    alone = Route((endpoint,), endpoint)
    timed = Timed(endpoint)
    with Session(hasty, session.credentials, routes=lambda _: alone) as fresh:
        try:
            base = fresh.host(endpoint).base()
            connect, tls = _handshake(fresh, endpoint, base)
            timed = replace(timed, connect=connect, tls=tls)
            # The first request pays for a connection and a login, which the second one finds there.
            discard(Sources(fresh, alone).ask("HEAD", _manifest_of(reference), by_tag=not reference.digest).response)
            start = time.monotonic()
            registry = Registry(reference, fresh)
            found = registry.get_manifest(reference)
            timed = replace(timed, manifest=time.monotonic() - start, digest=found.digest)
            layer = _largest_layer(registry, found)
            return replace(timed, rate=_rate(Sources(fresh, alone), layer, most=most, longest=longest))
        except LissomError as error:
            return replace(timed, error=error.message)


def _manifest_of(reference: Reference) -> str:
    return f"/manifests/{reference.digest or reference.tag or 'latest'}"


def _handshake(session: Session, endpoint: Endpoint, base: str) -> tuple[float | None, float | None]:
    if session.network.proxy_for(base):
        return None, None
    parts, network = urlsplit(base), session.network
    port = parts.port or (443 if parts.scheme == "https" else 80)
    trust = session.host(endpoint).transport.trust(endpoint.host)
    deadline = endpoint.connect_deadline or network.connect_deadline
    try:
        start = time.monotonic()
        with socket.create_connection((parts.hostname or "", port), timeout=deadline) as connection:
            connected = time.monotonic()
            if parts.scheme != "https":
                return connected - start, None
            context_for(trust).wrap_socket(connection, server_hostname=parts.hostname).close()
            return connected - start, time.monotonic() - connected
    except TimeoutError as error:
        raise RegistryError(f"cannot connect to `{endpoint.host}`: no connection within {deadline:g} s") from error
    except (OSError, ssl.SSLError, UnicodeError):
        # Why is what the request after this tells in better words.
        return None, None


def _largest_layer(registry: Registry, found: Descriptor) -> Descriptor:
    while found.media_type in INDEX_TYPES:
        with registry.open(found) as stream:
            index = Index.parse(stream.read())
        found = _one_of(index)
    with registry.open(found) as stream:
        layers = Manifest.parse(stream.read()).layers
    if not layers:
        raise RegistryError(f"cannot time `{registry.name}`: the image has no layer")
    return max(layers, key=lambda layer: layer.size)


def _one_of(index: Index) -> Descriptor:
    with contextlib.suppress(StoreError):
        return select(index, Platform.host())
    if not index.manifests:
        raise IntegrityError(f"cannot time `{index.digest}`: the index is empty")
    return index.manifests[0]


def _rate(sources: Sources, layer: Descriptor, *, most: int, longest: float) -> float:
    wanted = min(most, layer.size)
    start = time.monotonic()
    answer = sources.ask("GET", f"/blobs/{layer.digest}", {"Range": f"bytes=0-{wanted - 1}"} if wanted else {})
    if answer.response.status not in (200, 206):
        raise answer.failure("GET")
    done, begun = 0, time.monotonic()
    try:
        while done < wanted and time.monotonic() - begun < longest:
            piece = answer.response.read(min(_PIECE, wanted - done), decode_content=False)
            if not piece:
                break
            done += len(piece)
    except (HTTPError, OSError) as error:
        raise RegistryError(f"cannot GET `{answer.url}`: the connection was cut after {done} bytes") from error
    finally:
        answer.response.close()
    if done == 0:
        raise RegistryError(f"cannot GET `{answer.url}`: no byte of the layer came")
    return done / max(time.monotonic() - start, 1e-6)
