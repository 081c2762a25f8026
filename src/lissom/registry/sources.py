"""The places that one repository can be read from, asked one after the other until one answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Lock

from lissom.errors import RegistryError
from lissom.events import Decision, Listener, silent
from lissom.oci.digest import Digest
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.network import Network, wait_asked
from lissom.registry.session import Host, Session
from lissom.registry.transport import TRY_AGAIN, Response, discard, failure

__all__ = ["Answer", "Sources"]

_GOOD = frozenset({200, 206})
_NOT_FOR_US = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one place answered, its body unread; ``network`` has the deadlines that hold for reading it.

    ``others`` is what places that were asked before had to say.
    """

    response: Response
    endpoint: Endpoint
    host: Host
    url: str
    network: Network
    others: str = ""

    def failure(self, method: str) -> RegistryError:
        """The error for an answer that is not what was asked for."""
        refused = self.response.status in _NOT_FOR_US
        login = self.host.hint(self.endpoint.repository) if refused else None
        return _with_others(failure(self.response, method, self.url, hint=login), self.others)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why one place did not help: an ``error``, or its ``answer``; ``wait`` is what it asks for, in seconds."""

    endpoint: Endpoint
    error: RegistryError | None = None
    answer: Answer | None = None
    wait: float | None = None

    @property
    def temporary(self) -> bool:
        return self.error.temporary if self.error else bool(self.answer and self.answer.response.status in TRY_AGAIN)

    def __str__(self) -> str:
        if self.error:
            cause = self.error.message.partition("`: ")[2]
        else:
            response = self.answer.response if self.answer else None
            cause = f"{response.status} {response.reason or ''}".strip() if response else ""
        return f"`{self.endpoint.host}`: {cause}"


class Sources:
    """Reading from a route. Threads may share it.

    A place that fails, or wants to be left alone, is put back in favour of the next for the whole session. When all
    fail, what the image's own registry said is what counts.
    """

    def __init__(self, session: Session, route: Route, listener: Listener = silent) -> None:
        self.session = session
        self.route = route
        self.listener = listener
        self._closed: set[Endpoint] = set()  # it does not let us in
        self._distrusted: dict[Digest, frozenset[Endpoint]] = {}
        self._lock = Lock()

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        by_tag: bool = False,
        avoid: Collection[Endpoint] = (),
    ) -> Answer:
        """The first good answer (200, 206), or one that tells of failure. ``path`` is what follows the repository.

        Raises RegistryError when no answer comes from where it counts.
        """
        left = self.order(by_tag=by_tag, avoid=avoid)
        if not left:
            what = "by tag" if by_tag else "by digest"
            raise RegistryError(
                f"cannot {method} `{self.route.origin.repository}{path}`: no mirror may be asked {what}"
            )
        if len(left) == 1:
            return self._request(left[0], method, path, headers, hurry=False, again=True)
        return self._rounds(left, method, path, headers or {})

    def order(self, *, by_tag: bool = False, avoid: Collection[Endpoint] = ()) -> list[Endpoint]:
        """Whom to ask: as the route says, but those that failed come last."""
        health = self.session.health
        able = [e for e in self.route.endpoints if (e.tags if by_tag else e.digests) and e not in avoid]
        return sorted(able, key=lambda e: (e in self._closed, health.rests(e.host)))

    def distrust(self, endpoint: Endpoint, avoid: Collection[Endpoint], *, by_tag: bool = False) -> bool:
        """Put a place back that gave wrong bytes; True when one beside those to ``avoid`` is left to ask."""
        self.session.health.failed(endpoint.host)
        return any(other != endpoint for other in self.order(by_tag=by_tag, avoid=avoid))

    def distrusted(self, digest: Digest) -> frozenset[Endpoint]:
        """Who gave wrong bytes of a blob."""
        return self._distrusted.get(digest, frozenset())

    def distrust_blob(self, digest: Digest, places: list[Endpoint]) -> bool:
        """Ask ``places`` no more for a blob, or all of them but the last when nobody else is left.

        False when the only place that is left was the only one that gave wrong bytes.
        """
        for place in places:
            self.session.health.failed(place.host)
        with self._lock:
            before = self._distrusted.get(digest, frozenset())
            wrong = frozenset(places)
            if not self.order(avoid=before | wrong):
                wrong = frozenset(places[:-1])
            self._distrusted[digest] = before | wrong
        return bool(wrong)

    def broke_off(self, endpoint: Endpoint, cause: str) -> None:
        """Put a place back that did not give all of a blob."""
        self.session.health.failed(endpoint.host)
        if len(self.route.endpoints) > 1:
            self.listener(Decision(endpoint.repository, f"`{endpoint.host}` is put back: {cause}"))

    def _rounds(self, left: list[Endpoint], method: str, path: str, headers: Mapping[str, str]) -> Answer:
        network, refusals = self.session.network, dict[Endpoint, _Refusal]()
        for attempt in count(1):
            for endpoint in left:
                found = self._try(endpoint, method, path, headers, alone=len(left) == 1)
                if isinstance(found, Answer):
                    _drop(refusals.values())
                    return found
                self._note(refusals, found)
            left = [e for e in left if refusals[e].temporary and (refusals[e].wait or 0) <= network.longest_wait]
            if not left or attempt >= network.attempts:
                break
            waits = [refusals[e].wait for e in left]
            network.sleep(min(network.back_off(attempt) if wait is None else wait for wait in waits))
        return _verdict(list(refusals.values()))

    def _note(self, refusals: dict[Endpoint, _Refusal], new: _Refusal) -> None:
        if old := refusals.pop(new.endpoint, None):
            _drop([old])
        refusals[new.endpoint] = new
        if new.endpoint.mirror:
            self.listener(Decision(new.endpoint.repository, f"mirror {new}"))

    def _try(
        self, endpoint: Endpoint, method: str, path: str, headers: Mapping[str, str], *, alone: bool
    ) -> Answer | _Refusal:
        health = self.session.health
        try:
            answer = self._request(endpoint, method, path, headers, hurry=not alone, again=False)
        except RegistryError as error:
            health.failed(endpoint.host)
            return _Refusal(endpoint, error=error)
        status = answer.response.status
        if status in _GOOD:
            health.worked(endpoint.host)
            return answer
        wait = wait_asked(answer.response.headers.get("Retry-After")) if status in TRY_AGAIN else None
        if status in TRY_AGAIN or status >= 500:
            health.failed(endpoint.host, wait=wait)
        elif status in _NOT_FOR_US:
            self._closed.add(endpoint)
        return _Refusal(endpoint, answer=answer, wait=wait)

    def _request(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        *,
        hurry: bool,
        again: bool,
    ) -> Answer:
        host = self.session.host(endpoint)
        whole = endpoint.path_of(path)
        scopes = frozenset({f"repository:{endpoint.repository}:pull"})
        response = host.request(method, whole, scopes=scopes, headers=headers, again=again, hurry=hurry)
        network = (host.hurried if hurry else host.transport).network
        return Answer(response, endpoint, host, host.base() + whole, network)


def _verdict(refusals: list[_Refusal]) -> Answer:
    """The refusal that counts, as an answer or an error: the registry's own, else the last one."""
    counts = next((r for r in refusals if not r.endpoint.mirror), refusals[-1])
    others = "; ".join(str(r) for r in refusals if r is not counts)
    _drop(r for r in refusals if r is not counts)
    if counts.answer:
        return replace(counts.answer, others=others)
    assert counts.error is not None
    raise _with_others(counts.error, others)


def _drop(refusals: Iterable[_Refusal]) -> None:
    for refusal in refusals:
        if refusal.answer:
            discard(refusal.answer.response)


def _with_others(error: RegistryError, others: str) -> RegistryError:
    if not others:
        return error
    said = f"mirrors said {others}"
    hint = f"{error.hint}; {said}" if error.hint else said
    return RegistryError(error.message, hint=hint, temporary=error.temporary)
