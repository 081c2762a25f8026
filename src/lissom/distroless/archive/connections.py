"""Connections to archives: kept open, with proxies and patience, and an order of hosts by how they behaved."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import urllib3
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.archive.uri import host_of, shown, user_of
from lissom.errors import RegistryError

__all__ = ["Connections"]

_TRIES = 4
_LONGEST_WAIT = 30
_LONGEST_CONNECT = 10
_BACKOFF = 0.2
_SILENCE = (ConnectTimeoutError, ReadTimeoutError)  # these very ones: what is refused is of a kind of the first
_SYSTEM = re.compile(r"\[Errno -?\d+\] ([^\[\]()'\"]+)")


class _Patience(Retry):
    """Answers that a moment may mend are asked for again; silence is not waited for twice."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if error and type(error) in _SILENCE:
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        wanted = super().get_retry_after(response)
        return None if wanted is None else min(wanted, _LONGEST_WAIT)


class Connections:
    """Asks for files by http and https. Safe for several threads. A host that failed is asked last from then on."""

    def __init__(self, settings: AptSettings) -> None:
        self.settings = settings
        self._failed_hosts: set[str] = set()
        self._lock = threading.Lock()
        retries = _Patience(
            total=_TRIES,
            connect=2,
            backoff_factor=_BACKOFF,
            status_forcelist=(429, 500, 502, 503, 504),
            raise_on_status=False,
        )
        options: dict[str, Any] = {
            "timeout": Timeout(connect=min(_LONGEST_CONNECT, settings.stall), read=settings.stall),
            "retries": retries,
            "maxsize": 8,
        }
        if settings.ca_file:
            options["ca_certs"] = settings.ca_file
        self._pools: dict[str | None, urllib3.PoolManager] = {None: urllib3.PoolManager(**options)}
        for proxy in settings.proxies.values():
            headers = urllib3.make_headers(proxy_basic_auth=user_of(proxy))
            self._pools[proxy] = urllib3.ProxyManager(shown(proxy), proxy_headers=headers, **options)

    def close(self) -> None:
        """End all connections."""
        for pool in self._pools.values():
            pool.clear()

    def ordered(self, uris: Sequence[str]) -> list[str]:
        """``uris`` in the order to try them: those of hosts that failed in this run come last."""
        return sorted(uris, key=lambda uri: host_of(uri) in self._failed_hosts)

    def request(self, uri: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """The answer to one question, its body still to be read. Raises RegistryError."""
        scheme = uri.partition(":")[0]
        if scheme not in ("http", "https"):
            raise RegistryError(f"cannot fetch `{shown(uri)}`: lissom reads http, https and file archives")
        sent = {**urllib3.make_headers(user_agent="lissom", basic_auth=self.settings.password_for(uri)), **headers}
        try:
            pool = self._pools[self.settings.proxy_for(scheme, host_of(shown(uri)).partition(":")[0])]
            return pool.request("GET", shown(uri), headers=sent, preload_content=False, decode_content=False)
        except HTTPError as error:
            raise self.failed(uri, error) from error

    def failed(self, uri: str, cause: Exception | str) -> RegistryError:
        """The error of a request that came to nothing; its host is remembered."""
        with self._lock:
            self._failed_hosts.add(host_of(uri))
        cause = getattr(cause, "reason", None) or cause
        if isinstance(cause, ReadTimeoutError):
            cause = f"the mirror sent nothing for {self.settings.stall:g} s"
        elif type(cause) is ConnectTimeoutError:
            cause = f"nobody answered within {min(_LONGEST_CONNECT, self.settings.stall):g} s"
        said = _SYSTEM.search(str(cause))
        return RegistryError(f"cannot fetch `{shown(uri)}`: {said[1] if said else cause}", temporary=True)
