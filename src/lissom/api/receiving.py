"""A blob on its way into the store: what came before is kept, wrong bytes are asked for elsewhere."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import BinaryIO, Protocol, cast

from lissom.api.stoppable import Stoppable
from lissom.errors import IntegrityError
from lissom.events import Decision, Listener
from lissom.image.image import Blobs
from lissom.oci.document import Descriptor
from lissom.registry.client import Registry
from lissom.registry.sending.outgoing import skipped
from lissom.store.partial import Part, WrongBytesError
from lissom.store.store import Store

__all__ = ["Arrival", "Journey", "receive"]


class Arrival(Protocol):
    """Who reads blobs along while they arrive, from one that ``begin`` tells of until ``finish`` has what came of all.

    A blob begins again when its bytes were wrong. ``close`` ends what is unfinished.
    """

    def begin(self, blob: Descriptor, part: Part) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Journey:
    """What all blobs of one transfer have in common; ``stop`` is set when the others need not go on."""

    stop: Event
    arrival: Arrival | None
    listener: Listener


def receive(blob: Descriptor, source: Blobs, store: Store, journey: Journey) -> bool:
    """Put a blob into the store; False when it is there. Raises RegistryError, StoreError.

    Bytes that turn out wrong are asked for again from the first, where an earlier attempt left a part of them or
    somebody else can be asked; else IntegrityError is raised. Anything else that fails keeps what came.
    """
    if store.size_of(blob.digest) == blob.size:
        return False
    with store.receiving(blob, listener=journey.listener, stopped=journey.stop.is_set) as part:
        if part.there:
            return False
        if part.offset:
            journey.listener(
                Decision(blob.digest.short, f"{part.offset} bytes of it came before: going on behind them")
            )
        while not _received(blob, source, part, journey):
            journey.listener(Decision(blob.digest.short, "the bytes were wrong: fetching it again", telling=True))
    return True


def _received(blob: Descriptor, source: Blobs, part: Part, journey: Journey) -> bool:
    """Whether the blob is there now; False when its bytes were wrong and another attempt is worth it."""
    before = part.offset
    fetching = source.fetch(blob, start=before) if isinstance(source, Registry) else None
    with closing(cast(BinaryIO, fetching) if fetching else skipped(source.open(blob), before)) as stream:
        if journey.arrival:
            journey.arrival.begin(blob, part)
        try:
            part.receive(cast(BinaryIO, Stoppable(stream, journey.stop)))
        except IntegrityError as error:
            # What an earlier attempt left may be the wrong half: nobody who is asked now is to blame yet.
            if before or (fetching and fetching.distrust()):
                return False
            if fetching and isinstance(error, WrongBytesError):
                raise fetching.wrong(error.cause) from error
            raise
    return True
