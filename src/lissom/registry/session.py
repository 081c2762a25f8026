"""One registry as this process knows it: its scheme, its tokens, and which of its repositories hold which blobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from types import TracebackType
from typing import BinaryIO, Self

from lissom.errors import RegistryError
from lissom.oci.digest import Digest
from lissom.oci.reference import Reference
from lissom.registry.connections import Connections
from lissom.registry.endpoint import Endpoint, Route, Routes, direct
from lissom.registry.health import Health, Memory
from lissom.registry.logins.auth import Authorizer
from lissom.registry.logins.login import Credentials, NoCredentials
from lissom.registry.wire.network import Network
from lissom.registry.wire.transport import Response, Transport, discard, origin_of

__all__ = ["Host", "Session"]


class Host:
    """Authorized requests to one registry host, as ``endpoint`` says; its repository does not matter here."""

    def __init__(self, transport: Transport, endpoint: Endpoint, credentials: Credentials) -> None:
        self.transport = transport.towards(endpoint)
        self.hurried = self.transport.hurried()
        self.host = endpoint.host
        self._ping = f"{endpoint.path}/"
        self._authorizer = Authorizer(self.transport, endpoint.registry, credentials)
        self._base = f"{endpoint.scheme}://{endpoint.host}" if endpoint.scheme else None
        self._lock = Lock()
        self._holders: dict[Digest, set[str]] = {}

    def base(self, *, hurry: bool = False) -> str:
        """``https://host``, or ``http://host`` for a host that may be plain and speaks no TLS."""
        with self._lock:
            if self._base is None:
                self._base = (
                    self._probe(hurry=hurry) if self.transport.trust(self.host).plain else f"https://{self.host}"
                )
            return self._base

    def _probe(self, *, hurry: bool) -> str:
        try:
            discard((self.hurried if hurry else self.transport).send("GET", f"https://{self.host}{self._ping}", {}))
        except RegistryError:
            return f"http://{self.host}"
        return f"https://{self.host}"

    def request(
        self,
        method: str,
        url: str,
        *,
        scopes: frozenset[str],
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        again: bool = True,
        hurry: bool = False,
    ) -> Response:
        """One answer to an authorized request; a 401 is answered once. ``url`` may be a path of this host.

        A URL of another host, such as where a registry wants an upload to go, is asked without any login. ``hurry``
        when somebody else is left to ask: one try, and little patience.
        """
        transport = self.hurried if hurry else self.transport
        whole = url if "://" in url else self.base(hurry=hurry) + url
        if origin_of(whole) != origin_of(self.base()):
            return transport.request(method, whole, headers=headers, body=body, again=again)
        header = self._authorizer.header(scopes, by=transport)
        for last in (False, True):
            sent = dict(headers or {}) | ({"Authorization": header} if header else {})
            start = body.tell() if body is not None and not isinstance(body, bytes) and body.seekable() else None
            response = transport.request(method, whole, headers=sent, body=body, again=again)
            if response.status != 401 or last:
                return response
            try:
                answer = self._authorizer.answer(response, whole, scopes, header, by=transport)
            except BaseException:
                response.close()
                raise
            if answer is None or answer == header:
                return response
            discard(response)
            header = answer
            if body is not None and not isinstance(body, bytes):
                if start is None:
                    raise RegistryError(
                        f"cannot {method} `{self.host}`: the login ended in the transfer", temporary=True
                    )
                body.seek(start)
        raise AssertionError("internal error: the loop returns")

    def hint(self, repository: str) -> str:
        """What a user can do when the host refuses something of a repository."""
        return self._authorizer.hint(repository)

    def note(self, digest: Digest, repository: str) -> None:
        """Remember that a repository holds a blob, so that another one may mount it from there."""
        with self._lock:
            self._holders.setdefault(digest, set()).add(repository)

    def holder(self, digest: Digest, *, other_than: str) -> str | None:
        """A repository known to hold a blob."""
        with self._lock:
            return min(self._holders.get(digest, set()) - {other_than}, default=None)


class Session:
    """Every registry that one command talks to."""

    def __init__(
        self,
        network: Network | None = None,
        credentials: Credentials | None = None,
        *,
        routes: Routes = direct,
        memory: Memory | None = None,
    ) -> None:
        self.network = network or Network()
        self.credentials = credentials or NoCredentials()
        self.transport = Transport(self.network)
        self.health = Health(memory)
        self.connections = Connections(self.network.connections)
        self._routes = routes
        self._hosts: dict[Endpoint, Host] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up everywhere; what is asked afterwards connects anew."""
        self.transport.close()

    def route(self, reference: Reference) -> Route:
        """Where a reference's repository can be reached. Raises RegistryError, UsageError."""
        return self._routes(reference)

    def host(self, endpoint: Endpoint) -> Host:
        """The one Host object for all endpoints that are reached alike, whatever their repositories."""
        alike = replace(endpoint, repository="", tags=True, digests=True, mirror=False, namespace="")
        with self._lock:
            if alike not in self._hosts:
                self._hosts[alike] = Host(self.transport, alike, self.credentials)
            return self._hosts[alike]
