"""The places that one repository can be read from, asked one after the other until one answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count
from threading import Lock

from lissom.errors import RegistryError
from lissom.events import Decision, Listener, silent
from lissom.oci.digest import Digest
from lissom.registry.endpoint import Endpoint, Route
from lissom.registry.logins.challenge import scope_of
from lissom.registry.reading.answer import NOT_FOR_US, Answer, Refusal, drop, verdict
from lissom.registry.reading.doubts import Doubts
from lissom.registry.session import Session
from lissom.registry.wire.network import wait_asked
from lissom.registry.wire.transport import TRY_AGAIN

__all__ = ["Sources"]

_GOOD = frozenset({200, 206})
_ABSENT = 404
# So many misses in a row, and a place is taken to lack the whole image.
_OFTEN = 2


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
        self._misses: dict[Endpoint, int] = {}  # how often in a row it had not what it was asked for
        self._doubts: dict[Digest, Doubts] = {}
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
        """Whom to ask: as the route says, but those that failed, or seem to know nothing of this, come last."""
        health = self.session.health
        able = [e for e in self.route.endpoints if (e.tags if by_tag else e.digests) and e not in avoid]
        without = self._closed | {e for e, times in self._misses.items() if times >= _OFTEN}
        return sorted(able, key=lambda e: (e in without, health.rests(e.host)))

    def distrust(self, endpoint: Endpoint, avoid: Collection[Endpoint], *, by_tag: bool = False) -> bool:
        """Put a place back that gave wrong bytes; True when one beside those to ``avoid`` is left to ask."""
        self._blame(endpoint)
        return any(other != endpoint for other in self.order(by_tag=by_tag, avoid=avoid))

    def distrusted(self, digest: Digest) -> frozenset[Endpoint]:
        """Who is not to be asked for a blob, since bytes of it were wrong."""
        doubts = self._doubts.get(digest)
        return doubts.avoid if doubts else frozenset()

    def distrust_blob(self, digest: Digest, given: Collection[Endpoint]) -> bool:
        """Hold wrong bytes of a blob against those who gave them; True when somebody is left to ask."""
        for place in given:
            self._blame(place)
        with self._lock:
            if digest not in self._doubts:
                self._doubts[digest] = Doubts(e for e in self.route.endpoints if e.digests)
            return self._doubts[digest].add(given)

    def broke_off(self, endpoint: Endpoint, cause: str) -> None:
        """Put a place back that did not give all of a blob."""
        self._blame(endpoint)
        if len(self.route.endpoints) > 1:
            self.listener(Decision(endpoint.repository, f"`{endpoint.host}` is put back: {cause}"))

    def _blame(self, endpoint: Endpoint, *, wait: float | None = None) -> None:
        if len(self.route.endpoints) > 1:  # there is nothing to choose else
            self.session.health.failed(endpoint.host, wait=wait)

    def _rounds(self, left: list[Endpoint], method: str, path: str, headers: Mapping[str, str]) -> Answer:
        network, refusals = self.session.network, dict[Endpoint, Refusal]()
        for attempt in count(1):
            for place, endpoint in enumerate(left, 1):
                # Whoever is not asked in a hurry the first time is waited for as long as the user likes.
                hurry = attempt == 1 and any(not self.session.health.rests(e.host) for e in left[place:])
                found = self._try(endpoint, method, path, headers, hurry=hurry)
                if isinstance(found, Answer):
                    drop(refusals.values())
                    return found
                self._note(refusals, found)
            left = [e for e in left if refusals[e].temporary and (refusals[e].wait or 0) <= network.longest_wait]
            left = [e for e in left if refusals[e].answer] or left  # the silent ones may be silent for long
            if not left or attempt >= network.attempts:
                break
            waits = [refusals[e].wait for e in left]
            network.sleep(min(network.back_off(attempt) if wait is None else wait for wait in waits))
        return verdict(list(refusals.values()))

    def _note(self, refusals: dict[Endpoint, Refusal], new: Refusal) -> None:
        if old := refusals.pop(new.endpoint, None):
            drop([old])
        refusals[new.endpoint] = new
        if new.endpoint.mirror:
            self.listener(Decision(new.endpoint.repository, f"mirror {new}"))

    def _try(
        self, endpoint: Endpoint, method: str, path: str, headers: Mapping[str, str], *, hurry: bool
    ) -> Answer | Refusal:
        try:
            answer = self._request(endpoint, method, path, headers, hurry=hurry, again=False)
        except RegistryError as error:
            self._blame(endpoint)
            return Refusal(endpoint, error=error)
        status = answer.response.status
        if status in _GOOD:
            self.session.health.worked(endpoint.host)
            self._misses.pop(endpoint, None)
            return answer
        wait = wait_asked(answer.response.headers.get("Retry-After")) if status in TRY_AGAIN else None
        if status in TRY_AGAIN or status >= 500:
            self._blame(endpoint, wait=wait)
        elif status in NOT_FOR_US:
            self._closed.add(endpoint)
        elif status == _ABSENT and method == "GET":
            self._misses[endpoint] = self._misses.get(endpoint, 0) + 1
        return Refusal(endpoint, answer=answer, wait=wait)

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
        scopes = frozenset({scope_of(endpoint.repository, "pull")})
        response = host.request(method, whole, scopes=scopes, headers=headers, again=again, hurry=hurry)
        network = (host.hurried if hurry else host.transport).network
        return Answer(response, endpoint, host, host.base() + whole, network)
