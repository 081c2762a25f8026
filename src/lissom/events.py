"""What is happening: values that the core hands to a listener while it works.

The library never prints. A command passes a listener; the default, ``silent``, ignores everything.
Listeners are called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "BlobMoved",
    "Decision",
    "Event",
    "Listener",
    "Planned",
    "Served",
    "Spared",
    "StepCached",
    "StepDone",
    "StepOutput",
    "StepStarted",
    "Warned",
    "silent",
]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins. ``step`` is unique in the build, ``name`` is what to show, such as ``[build 2/5] RUN make``."""

    step: int
    name: str


@dataclass(frozen=True, slots=True)
class StepCached:
    """A step's result was in the cache."""

    step: int
    name: str


@dataclass(frozen=True, slots=True)
class StepOutput:
    """A piece of what a step's process wrote; ``stream`` is 1 for stdout, 2 for stderr.

    With ``detail`` nobody asked for the process by its command: a log has it only when it is verbose.
    """

    step: int
    stream: int
    data: bytes
    detail: bool = False


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step ended after ``seconds``; ``error`` is None when it succeeded, ``size`` counts the bytes that it added."""

    step: int
    name: str
    seconds: float
    error: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A transfer is to move ``blobs`` that have ``size`` bytes; each is told of by ``BlobMoved``, or by ``Spared``."""

    verb: str
    blobs: int
    size: int


@dataclass(frozen=True, slots=True)
class Spared:
    """A planned blob of ``size`` bytes need not move after all: it is there."""

    verb: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class BlobMoved:
    """``done`` of ``total`` bytes (None: unknown) moved; ``verb`` is pull, push, unpack, pack, load, save or fetch.

    ``before`` of those came in an earlier attempt and cost no time now.
    """

    verb: str
    name: str
    done: int
    total: int | None
    before: int = 0


@dataclass(frozen=True, slots=True)
class Served:
    """A host gave ``size`` bytes of a blob or document in ``seconds``; a ``mirror`` is not the image's registry."""

    host: str
    name: str
    size: int
    seconds: float
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Why something was done or not done: a cache miss and its cause, a layer that need not be fetched.

    ``telling`` ones are worth a line unasked: the one step of a rebuild whose own inputs changed.
    """

    subject: str
    reason: str
    telling: bool = False


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a user should know although the work goes on."""

    message: str
    hint: str | None = None


Event = StepStarted | StepCached | StepOutput | StepDone | Planned | Spared | BlobMoved | Served | Decision | Warned
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Ignore the event."""
