"""A blob on its way to a registry: sent whole, or in chunks, and after a cut on from where the registry has it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from lissom.errors import RegistryError
from lissom.registry.sending.outgoing import Outgoing
from lissom.registry.sending.upload_slot import RefusedError, Slot
from lissom.registry.wire.network import Network

__all__ = ["Upload"]

_CHUNK = 16 << 20
_SMALLEST_CHUNK = 1 << 18
# A registry or a proxy before it that refuses one big PUT says so with one of these.
_TOO_MUCH_AT_ONCE = frozenset({404, 405, 411, 413, 414, 501})
_UNKNOWN, _TOO_LARGE, _OUT_OF_ORDER, _WRONG = 404, 413, 416, 400


class Upload:
    """One blob and one repository; ``begin`` opens an upload there, ``there`` says whether it has the blob.

    The first try is one PUT of everything. When that is cut, the registry is asked how far it came, and chunks go on
    from there; a registry that has forgotten all about it gets chunks from the start, since what cuts a long request
    often lets short ones pass. Tries are counted anew whenever the registry has more than before.
    """

    def __init__(
        self,
        outgoing: Outgoing,
        begin: Callable[[], Slot],
        there: Callable[[], bool],
        network: Network,
        *,
        tries: int,
        stopped: Callable[[], bool],
    ) -> None:
        self._outgoing = outgoing
        self._size = outgoing.descriptor.size
        self._begin = begin
        self._there = there
        self._network = network
        self._tries = tries
        self._stopped = stopped
        self._attempt = 1
        self._slot: Slot | None = None
        self._start = 0
        self._best = 0
        self._whole = True
        self._resumed = False
        self._chunk = _CHUNK

    def run(self, slot: Slot | None = None) -> None:
        """Send the blob, at first into ``slot`` if there is one already.

        Raises RegistryError, IntegrityError for wrong bytes, or what reading raises.
        """
        self._slot = slot
        try:
            while not self._tried():
                pass
        except BaseException:
            if self._slot is not None:
                self._slot.cancel()
            raise
        finally:
            self._outgoing.close()

    def _tried(self) -> bool:
        try:
            self._slot = self._slot or self._begin()
            self._send(self._slot)
        except RegistryError as error:
            if self._outgoing.broken:
                raise self._outgoing.broken from error
            status = error.status if isinstance(error, RefusedError) else None
            if not self._adapted(status):
                self._wait(error, status)
                if self._arrived():
                    return True
                self._find_place(status)
            return False
        return True

    def _send(self, slot: Slot) -> None:
        digest, size = self._outgoing.descriptor.digest, self._size
        if self._whole or size == 0:
            slot.finish(digest, self._outgoing.body(0, size), size)
            return
        while self._start < size:
            count = min(max(self._chunk, slot.smallest_chunk), size - self._start)
            slot.patch(self._outgoing.body(self._start, count), self._start, count)
            self._start += count
            self._progress()
        slot.finish(digest, None, 0)

    def _progress(self) -> None:
        if self._start > self._best:
            self._best, self._attempt = self._start, 1

    def _adapted(self, status: int | None) -> bool:
        """Whether another way of sending is worth trying at once, which is then set up."""
        if self._whole and status in _TOO_MUCH_AT_ONCE and self._slot is not None:
            self._anew()
            self._whole = False
            return True
        if status == _TOO_LARGE and not self._whole and self._chunk > _SMALLEST_CHUNK:
            self._chunk //= 4
            self._find_place(None)
            return True
        if status == _WRONG and self._resumed:
            # What was there was not what had been sent: once more, from the start.
            self._anew()
            return True
        return False

    def _wait(self, error: RegistryError, status: int | None) -> None:
        """Before another try; raises ``error`` when there is none."""
        asked = error.wait if isinstance(error, RefusedError) else None
        # Who took bytes before and is not there now, as a registry that starts again, may come back.
        gone = status is None and self._outgoing.furthest > 0
        again = error.temporary or gone or (status in (_UNKNOWN, _OUT_OF_ORDER) and not self._whole)
        if self._stopped() or not again or self._attempt >= self._tries or (asked or 0) > self._network.longest_wait:
            raise error
        if status != _OUT_OF_ORDER:
            self._network.sleep(self._network.back_off(self._attempt) if asked is None else asked)
        self._attempt += 1

    def _arrived(self) -> bool:
        """Whether all of it was sent and only the answer got lost."""
        with suppress(RegistryError):
            return self._outgoing.furthest == self._size and self._there()
        return False

    def _find_place(self, status: int | None) -> None:
        """Where to go on: at the registry's offset, else from the start in an upload of its own."""
        offset = None
        if self._slot is not None and status != _UNKNOWN:
            try:
                offset = self._slot.offset()
            except RegistryError:
                self._slot = None
        if offset is None or not 0 < offset <= min(self._size, self._outgoing.furthest):
            self._anew()
            self._whole = self._whole and (status is not None or self._outgoing.furthest < _CHUNK)
            return
        self._start, self._whole, self._resumed = offset, False, True
        self._progress()

    def _anew(self) -> None:
        if self._slot is not None:
            self._slot.cancel()
        self._slot, self._start, self._resumed = None, 0, False
