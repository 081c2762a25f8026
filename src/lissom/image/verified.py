"""Reading bytes that must be what a descriptor says."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from lissom.errors import IntegrityError
from lissom.oci.document import Descriptor

__all__ = ["verified"]

_BUFFER = 1 << 20


def verified(stream: BinaryIO, descriptor: Descriptor, origin: str, *, owned: bool = True) -> BinaryIO:
    """``stream`` with size and digest checked at its end: the read that would report the end raises IntegrityError.

    ``origin`` says in the message where the bytes come from. Closing the result closes ``stream`` when it is
    ``owned``.
    """
    return cast("BinaryIO", io.BufferedReader(_Verified(stream, descriptor, origin, owned=owned), _BUFFER))


class _Verified(io.RawIOBase):
    def __init__(self, stream: BinaryIO, descriptor: Descriptor, origin: str, *, owned: bool) -> None:
        super().__init__()
        self._stream = stream
        self._wanted = descriptor
        self._origin = origin
        self._hash = descriptor.digest.hasher()
        self._size = 0
        self._owned = owned

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        if data:
            self._hash.update(data)
            self._size += len(data)
            buffer[: len(data)] = data
        if not data or self._size > self._wanted.size:
            self._check()
        return len(data)

    def _check(self) -> None:
        if self._size != self._wanted.size:
            found = "more" if self._size > self._wanted.size else str(self._size)
            raise IntegrityError(
                f"cannot read `{self._wanted.digest}` from {self._origin}: {found} bytes instead of {self._wanted.size}"
            )
        if self._hash.hexdigest() != self._wanted.digest.hex:
            raise IntegrityError(
                f"cannot read `{self._wanted.digest}` from {self._origin}: the bytes have digest "
                f"`{self._wanted.digest.algorithm}:{self._hash.hexdigest()}`"
            )

    def close(self) -> None:
        if not self.closed and self._owned:
            self._stream.close()
        super().close()
