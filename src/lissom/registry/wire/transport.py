"""HTTP as a registry needs it: deadlines, redirects that keep secrets, retries, and errors that can be shown.

Nothing here knows about images or tokens. urllib3 makes the connections; redirects and retries are ours, because
what may be repeated, and what may be told to whom, is the registry protocol's business.
"""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from lissom.errors import RegistryError
from lissom.registry.endpoint import Endpoint
from lissom.registry.trust import Trust
from lissom.registry.wire.causes import broken_off
from lissom.registry.wire.network import Network, is_private, shown, wait_asked
from lissom.registry.wire.proxy import pool_by, refusal
from lissom.registry.wire.punctual import Waits, make_punctual
from lissom.registry.wire.said import said
from lissom.registry.wire.tls import context_for

__all__ = ["TRY_AGAIN", "Response", "Transport", "discard", "failure", "origin_of", "read_document"]

Response = urllib3.BaseHTTPResponse

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_CHAIN = 8
_HURRY_CONNECT = 5.0
_HURRY_STALL = 10.0
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})
_UPLOAD_PATIENCE = 10
_ERROR_BODY = 64 << 10


class Transport:
    """Connections to any number of hosts, shared by threads."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._endpoint: Endpoint | None = None
        self._pools: dict[tuple[str | None, Trust], urllib3.PoolManager] = {}
        self._lock = Lock()
        self._waits = Waits()

    def towards(self, endpoint: Endpoint) -> Transport:
        """The same connections, with an endpoint's own trust, headers and deadline for its host, and no other host."""
        near = copy.copy(self)
        near._endpoint = endpoint  # noqa: SLF001 - of this class
        return near

    def hurried(self) -> Transport:
        """The same connections for when somebody else is left to ask: one try, and little patience."""
        hasty, network = copy.copy(self), self.network
        connect, stall = min(_HURRY_CONNECT, network.connect_deadline), min(_HURRY_STALL, network.stall_deadline)
        hasty.network = replace(network, connect_deadline=connect, stall_deadline=stall, attempts=1)
        return hasty

    def trust(self, host: str) -> Trust:
        """How ``host[:port]`` is checked: as its endpoint says, else as the network says."""
        own = self._endpoint
        return self.network.trust(host, own.trust if own and own.host.lower() == host.lower() else None)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()
            self._pools.clear()

    def abandon(self) -> None:
        """Hang up wherever an answer is waited for, for work that is stopped; what has begun to answer goes on.

        Who waits for another try gets a RegistryError instead.
        """
        self._waits.hang_up()
        self.network.pauses.break_off()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        again: bool = True,
    ) -> Response:
        """One answer, whatever its status, its body unread. Repeats what a moment may heal when ``again``.

        ``Authorization`` goes to the host of ``url`` only. Raises RegistryError when no answer comes, when a registry
        asks for more patience than the user has, or for a redirect that leads where it must not.
        """
        attempt = 1
        while True:
            try:
                response = self._follow(method, url, dict(headers or {}), body)
            except RegistryError as error:
                if not again or not error.temporary or attempt >= self.network.attempts:
                    raise
                self.network.sleep(self.network.back_off(attempt))
            else:
                if response.status not in TRY_AGAIN or not again or attempt >= self.network.attempts:
                    return response
                asked = wait_asked(response.headers.get("Retry-After"))
                if asked is not None and asked > self.network.longest_wait:
                    raise failure(response, method, url)
                discard(response)
                self.network.sleep(asked if asked is not None else self.network.back_off(attempt))
            attempt += 1

    def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes | BinaryIO | None) -> Response:
        here = url
        for _ in range(_LONGEST_CHAIN):
            response = self.send(method, here, headers, body)
            target = response.headers.get("Location")
            if response.status == 401 and origin_of(here) != origin_of(url):
                # Only the registry itself may ask who we are; where it sends us may not.
                raise failure(response, method, here)
            if response.status not in _REDIRECTS or not target or method not in ("GET", "HEAD"):
                return response
            discard(response)
            here = self.next_hop(method, here, target)
            if origin_of(here) != origin_of(url):
                headers.pop("Authorization", None)
        raise RegistryError(f"cannot {method} `{shown(url)}`: more than {_LONGEST_CHAIN} redirects follow one another")

    def next_hop(self, method: str, here: str, target: str) -> str:
        """The absolute form of a Location. Raises RegistryError when a registry sends us where it has no business."""
        there = urljoin(here, target)
        old, new = urlsplit(here), urlsplit(there)
        if new.scheme not in ("http", "https") or not new.hostname:
            raise RegistryError(
                f"cannot {method} `{shown(here)}`: it redirects to `{shown(there)}`, which is no web address"
            )
        if old.scheme == "https" and new.scheme == "http" and not self.trust(new.netloc).plain:
            raise RegistryError(
                f"cannot {method} `{shown(here)}`: it redirects to `{shown(there)}`, which is not encrypted"
            )
        if old.hostname != new.hostname and self.network.proxy_for(there) is None:
            self.refuse_private(method, here, there)
        return there

    def refuse_private(self, method: str, here: str, there: str) -> None:
        """Raise RegistryError when a public host points at an address that only this machine or its net can reach."""
        inside = urlsplit(there).hostname or ""
        if is_private(self.network, inside) and not is_private(self.network, urlsplit(here).hostname or ""):
            raise RegistryError(
                f"cannot {method} `{shown(here)}`: it points to `{shown(there)}`, a private address",
                hint="a public registry has no business there; somebody may be probing your network",
            )

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | BinaryIO | None = None) -> Response:
        """Exactly one exchange. Raises RegistryError, temporary when it is worth another try."""
        own = self._endpoint if self._endpoint and self._endpoint.serves(url) else None
        network = self.network
        if own and own.connect_deadline is not None:
            network = replace(network, connect_deadline=own.connect_deadline)
        # After the last byte of an upload a registry may hash the whole before it says anything.
        patience = network.stall_deadline * (_UPLOAD_PATIENCE if method in ("PUT", "PATCH") else 1)
        timeout = urllib3.Timeout(connect=network.connect_deadline, read=patience)
        sent = urllib3.HTTPHeaderDict({"User-Agent": network.agent, "Accept-Encoding": "identity", **headers})
        known = {name.lower() for name in sent}
        for name, value in own.headers if own else ():
            if name.lower() not in known:
                sent.add(name, value)
        proxy = self.network.proxy_for(url)
        try:
            response = self.pool(url).request(
                method,
                url,
                headers=sent,
                body=body,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=timeout,
            )
        except (HTTPError, OSError) as error:
            raise broken_off(f"cannot {method} `{shown(url)}`", error, proxy, network) from error
        except ValueError as error:
            raise RegistryError(f"cannot {method} `{shown(url)}`: it is not a usable address") from error
        if proxy and response.status == 407:
            response.close()
            raise refusal(f"cannot {method} `{shown(url)}`", proxy, response.status)
        return response

    def pool(self, url: str) -> urllib3.PoolManager:
        """The connections by which ``url`` is reached, for those who do without the rest of what is here."""
        proxy, trust = self.network.proxy_for(url), self.trust(urlsplit(url).netloc)
        with self._lock:
            if (proxy, trust) not in self._pools:
                self._pools[proxy, trust] = self._make_pool(proxy, trust)
            return self._pools[proxy, trust]

    def _make_pool(self, proxy: str | None, trust: Trust) -> urllib3.PoolManager:
        context = context_for(trust)
        if not trust.verify:
            # The user (or loopback) vouches for the host; urllib3 would warn on every single request.
            warnings.filterwarnings("ignore", category=InsecureRequestWarning)
        sizes: dict[str, Any] = {"num_pools": 16, "maxsize": 8, "ssl_context": context}
        if proxy is None:
            return make_punctual(urllib3.PoolManager(**sizes), self._waits)
        trusted = self.network.trust(urlsplit(proxy).netloc.rpartition("@")[2])
        return make_punctual(pool_by(proxy, trusted, sizes), self._waits)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL: what a login holds for."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def discard(response: Response) -> None:
    """Be done with an answer: keep its connection when little is left to read, else hang up."""
    left = response.length_remaining
    if left is None or left > _ERROR_BODY:
        response.close()
        return
    response.drain_conn()
    response.release_conn()


def read_document(response: Response, url: str, limit: int, *, seconds: float = 60.0) -> bytes:
    """A small body whole, at most ``limit`` bytes and ``seconds`` long. Raises RegistryError; closes the response."""
    data, end = bytearray(), time.monotonic() + seconds
    try:
        while piece := response.read(min(1 << 16, limit + 1 - len(data)), decode_content=False):
            data += piece
            if len(data) > limit:
                raise RegistryError(f"cannot GET `{shown(url)}`: the answer is longer than {limit} bytes")
            if time.monotonic() > end:
                raise RegistryError(
                    f"cannot GET `{shown(url)}`: the answer took longer than {seconds:g} s", temporary=True
                )
    except (HTTPError, OSError) as error:
        response.close()
        raise RegistryError(
            f"cannot GET `{shown(url)}`: the connection was cut in the answer", temporary=True
        ) from error
    except RegistryError:
        response.close()
        raise
    response.release_conn()
    return bytes(data)


def failure(response: Response, method: str, url: str, *, hint: str | None = None) -> RegistryError:
    """The error for an answer that is not what was asked for: status, the registry's code and text, a hint."""
    try:
        raw = read_document(response, url, _ERROR_BODY, seconds=10)
    except RegistryError:
        raw = b""
    told = said(raw, response.headers.get("Content-Type", ""))
    status = f"{response.status} {said((response.reason or '').encode(), '')}".strip()
    asked = wait_asked(response.headers.get("Retry-After"))
    if response.status == 429 or (response.status == 503 and asked):
        hint = f"the registry limits its rate: wait {asked:.0f} s" if asked else "the registry limits its rate: wait"
    return RegistryError(
        f"cannot {method} `{shown(url)}`: {status}{': ' if told else ''}{told}",
        hint=hint,
        temporary=response.status in TRY_AGAIN,
    )
