"""Work on several blobs at once, of which all end when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from threading import Event
from typing import TypeVar

from lissom.archive.layout import Layout
from lissom.image.image import Blobs, Images
from lissom.registry.client import Registry
from lissom.store.store import Store

__all__ = ["side_by_side"]

_AGAIN = 0.1

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    source: Blobs,
    sink: Images,
    *,
    at_once: int,
    stop: Event,
) -> list[tuple[Item, Result]]:
    """Begin ``items`` in their order, ``at_once`` together; gives them with what came of each, as they ended.

    After a failure, or ^C, ``stop`` is set and nobody waits for an answer of ``source`` or ``sink`` any more: nothing
    of the others would be used. Raises what the first that failed raised.
    """
    # An archive is written front to back: one at a time, so that the same images make the same bytes.
    room = at_once if isinstance(sink, (Store, Registry, Layout)) else 1
    with ThreadPoolExecutor(room, thread_name_prefix="transfer") as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            return [(futures[done], done.result()) for done in as_completed(futures)]
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # Again and again: who was between two waits when it failed begins the next one afterwards.
            while left := [future for future in futures if not future.done()]:
                for place in (source, sink):
                    if isinstance(place, Registry):
                        place.abandon()
                wait(left, timeout=_AGAIN)
            raise
