"""A stretch of a blob that arrives whatever breaks off: what is missing is asked for again, at the next place."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from lissom.errors import IntegrityError, RegistryError
from lissom.registry.endpoint import Endpoint
from lissom.registry.reading.answer import Answer
from lissom.registry.reading.body import Body, BrokenOff
from lissom.registry.reading.course import Course
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import discard

__all__ = ["Stretch"]

_PROGRESS = 1 << 20


class Stretch:
    """Bytes ``start`` to ``end`` (not included) of a blob, each asked for until it came and then no more.

    Raises RegistryError when all places give up for good, IntegrityError for a blob of another size.
    """

    def __init__(self, course: Course, start: int, end: int) -> None:
        self.at = start
        self.end = end
        self._course = course
        self._network = course.sources.session.network
        self._attempt = 1
        self._mark = start
        self._without_ranges: set[Endpoint] = set()
        self.body = self._ask()

    def read(self, size: int) -> bytes:
        """Some bytes; none at the end."""
        while True:
            try:
                piece = self.body.read(size)
            except BrokenOff as broken:
                self._go_on(str(broken))
                continue
            if piece:
                self.at += len(piece)
                self._course.came(self.body.answer.endpoint, len(piece))
                self._watch()
            return piece

    def extend(self, end: int) -> None:
        """Take what comes after the end too, from an answer that holds more than was asked for."""
        self.end = self.body.end = end

    def leave(self) -> None:
        """Be done with it; what has not come is not wanted."""
        rate = self.body.rate()
        if rate:
            self._course.sources.session.health.measured(self.body.answer.endpoint.host, rate)
        self.body.leave()

    def _watch(self) -> None:
        rate = self.body.pace()
        if rate is not None and self.at < self.end and self._course.too_slow(self.body.answer, rate):
            self.body.leave()
            self._go_on(f"only {rate / 1000:.0f} kB/s came")

    def _go_on(self, cause: str) -> None:
        answer, course = self.body.answer, self._course
        if self.at - self._mark >= _PROGRESS:
            self._attempt, self._mark = 1, self.at
        places = len(course.sources.order(avoid=course.avoid))
        if self._attempt >= self._network.attempts * max(1, places):
            raise RegistryError(
                f"cannot GET `{shown(answer.url)}`: {cause} after {self.at} of {course.wanted.size} bytes, "
                f"{self._attempt} times without progress",
                temporary=True,
            )
        course.sources.broke_off(answer.endpoint, cause)
        if course.sources.order(avoid=course.avoid)[:1] == [answer.endpoint]:
            self._network.sleep(self._network.back_off(self._attempt))
        self._attempt += 1
        self.body = self._ask()

    def _ask(self) -> Body:
        """The rest, from the first place whose answer is one."""
        while True:
            answer = self._answer()
            try:
                return Body(answer, self._course.wanted, self.at, self.end)
            except (IntegrityError, RegistryError):
                if not self._course.distrust(answer.endpoint):
                    raise

    def _answer(self) -> Answer:
        """An answer that begins where we are; one that begins at the start only when nobody can do better."""
        while True:
            try:
                answer = self._good(self._without_ranges)
            except RegistryError:
                if not self._without_ranges:
                    raise
                return self._good(frozenset())
            if answer.response.status == 206 or not self.at or not self._others(answer.endpoint):
                return answer
            self._without_ranges.add(answer.endpoint)
            answer.response.close()

    def _good(self, avoid: AbstractSet[Endpoint]) -> Answer:
        sources, path = self._course.sources, f"/blobs/{self._course.wanted.digest}"
        avoid = self._course.avoid | avoid
        answer = sources.ask("GET", path, self._range(), avoid=avoid)
        if answer.response.status == 416:  # it may have the blob, and no way to give a part of it
            discard(answer.response)
            answer = sources.ask("GET", path, avoid=avoid)
        if answer.response.status not in (200, 206):
            raise answer.failure("GET")
        return answer

    def _others(self, endpoint: Endpoint) -> bool:
        known = self._course.avoid | self._without_ranges
        return bool(self._course.sources.order(avoid=known | {endpoint}))

    def _range(self) -> dict[str, str]:
        if self.end < self._course.wanted.size:
            return {"Range": f"bytes={self.at}-{self.end - 1}"}
        return {"Range": f"bytes={self.at}-"} if self.at else {}
