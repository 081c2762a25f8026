"""What was seen when an image was exercised: values only."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from functools import cached_property

from lissom.verify.answer import Answer
from lissom.verify.expect import shortened

__all__ = ["Exercise", "Observation", "observe"]

_MATTER = frozenset((
    "allow", "cache-control", "content-encoding", "content-language", "content-type", "location", "www-authenticate",
))  # fmt: skip
_LARGEST_TEXT = 1 << 20
_DURATION = re.compile(rb"\b\d+(?:\.\d+)?(?= ?(?:ns|us|\xc2\xb5s|ms|s|sec|seconds)\b)")


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen.

    ``kind`` is the probe's (http, exec, run, redis, pg, raw, logs, script, files, config), or start, health, crawl,
    stop, end. ``status`` is the answer's. ``digest`` is the body's (a command's stdout), empty when bodies are not to
    be compared; ``settled`` is the same with present times and durations left out. ``failure`` says what is not as
    expected.
    """

    name: str
    kind: str
    status: int | None = None
    digest: str = ""
    settled: str = ""
    size: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    seconds: float = 0
    failure: str | None = None
    where: str = ""


@dataclass(frozen=True)
class Exercise:
    """Everything that was seen of one image in one run, in order.

    ``ready`` is how long the first instance took, None when none became ready; ``ports`` are what it listened on.
    ``log`` is the end of what the instances wrote.
    """

    observations: tuple[Observation, ...]
    seconds: float = 0
    ready: float | None = None
    ports: frozenset[int] = frozenset()
    log: str = ""

    @cached_property
    def by_name(self) -> dict[str, Observation]:
        """The observations by their names, which are unique."""
        return {one.name: one for one in self.observations}

    @property
    def failures(self) -> tuple[Observation, ...]:
        """What was not as expected."""
        return tuple(one for one in self.observations if one.failure is not None)


def observe(
    name: str, kind: str, answer: Answer, *, seconds: float, failure: str | None, bodies: bool = True, where: str = ""
) -> Observation:
    """What an answer amounts to; without ``bodies`` only its status counts when it is compared."""
    body = answer.body
    excerpt = body.text if body.size or not answer.errors.size else answer.errors.text
    return Observation(
        name,
        kind,
        answer.status,
        body.digest if bodies else "",
        _settled(body.data) if bodies and body.size <= _LARGEST_TEXT else "",
        body.size,
        tuple((key, value) for key, value in answer.headers if key in _MATTER),
        shortened(excerpt),
        seconds,
        failure,
        where,
    )


def _settled(data: bytes) -> str:
    """The digest without dates of today's kind and durations: two runs in one minute may agree on them by chance.

    Only dates of this year are taken out, and their zone stays: a lost time zone must not pass.
    """
    now = time.gmtime()
    year, begin = b"%d" % now.tm_year, str(int(time.time()))[:4].encode()
    data = re.sub(rb"\b" + year + rb"-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?", b"T", data)
    data = re.sub(rb"\b\d{1,2}[ -][A-Z][a-z]{2}[ -]" + year + rb"(?: \d\d:\d\d(?::\d\d)?)?", b"T", data)
    data = re.sub(rb"\b[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d (?:[A-Z]{3} )?" + year + rb"\b", b"T", data)
    data = re.sub(rb"\b" + begin + rb"\d{6}(?:\d{3})?(?:\.\d+)?\b", b"T", data)
    data = _DURATION.sub(b"N", data)
    return hashlib.sha256(data).hexdigest()
