"""Blobs on the move, several at once."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import BinaryIO, cast

from lissom.api.receiving import Arrival, Journey, receive
from lissom.api.sending import send
from lissom.api.side_by_side import side_by_side
from lissom.api.stoppable import Stoppable
from lissom.errors import IntegrityError
from lissom.events import Decision, Listener, Planned, Spared, silent
from lissom.image.image import Blobs, Images
from lissom.oci.document import Descriptor
from lissom.registry.client import Registry
from lissom.registry.reading.checked import Checked
from lissom.registry.sending.writing import Sent
from lissom.store.store import Store

__all__ = ["move_all", "plan"]

_AT_ONCE = 6


def plan(blobs: list[Descriptor], source: Blobs, sink: Images, listener: Listener) -> None:
    """Say what is to move, when an end is far. What a registry has is asked when its turn comes, and spared then."""
    if isinstance(sink, Registry):
        listener(Planned("push", len(blobs), sum(blob.size for blob in blobs)))
    elif isinstance(source, Registry):
        missing = [blob for blob in blobs if not sink.has(blob.digest)]
        listener(Planned("pull", len(missing), sum(blob.size for blob in missing)))


def move_all(
    blobs: list[Descriptor],
    source: Blobs,
    sink: Images,
    arrival: Arrival | None = None,
    listener: Listener = silent,
    *,
    scratch: Path | None = None,
    jobs: int | None = None,
) -> list[tuple[Descriptor, Sent]]:
    """Move blobs, ``jobs`` at once, and wait for ``arrival`` too; says of each how it came to be there."""
    stop = Event()
    journey = Journey(stop, arrival, listener)
    try:
        moved = side_by_side(
            # Big ones first: a big one that starts last keeps everybody waiting.
            sorted(blobs, key=lambda blob: -blob.size),
            lambda blob: _move(blob, source, sink, journey, scratch),
            source,
            sink,
            at_once=jobs or _AT_ONCE,
            stop=stop,
        )
        if arrival:
            arrival.finish()
        return moved
    finally:
        if arrival:
            arrival.close()


def _move(blob: Descriptor, source: Blobs, sink: Images, journey: Journey, scratch: Path | None) -> Sent:
    if isinstance(sink, Registry):
        sent = send(blob, source, sink, journey.stop, scratch)
        if sent is not Sent.MOVED:
            journey.listener(Spared("push", blob.digest.short, blob.size))
        return sent
    if isinstance(sink, Store):
        return Sent.MOVED if receive(blob, source, sink, journey) else Sent.PRESENT
    if sink.has(blob.digest):
        return Sent.PRESENT
    while not _put(blob, source, sink, journey.stop):
        journey.listener(Decision(blob.digest.short, "the bytes were wrong: fetching it again", telling=True))
    return Sent.MOVED


def _put(blob: Descriptor, source: Blobs, sink: Images, stop: Event) -> bool:
    """Whether the blob is there now; False when its bytes were wrong and somebody else is left to give them."""
    opened = source.open(blob)
    try:
        with cast(BinaryIO, Stoppable(opened, stop)) as stream:
            sink.put(blob, stream)
    except IntegrityError:
        if not isinstance(opened, Checked) or not opened.distrust():
            raise
        return False
    return True
