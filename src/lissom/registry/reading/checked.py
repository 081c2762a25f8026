"""A blob whose bytes are verified on their way: the read that would report the end raises for a wrong digest."""

from __future__ import annotations

import io

from lissom.oci.document import Descriptor
from lissom.registry.reading.download import Fetching

__all__ = ["Checked"]


class Checked(io.RawIOBase):
    """Reads all of a blob. Nothing read is good until the end of file came. Raises IntegrityError, RegistryError."""

    def __init__(self, fetching: Fetching, wanted: Descriptor) -> None:
        super().__init__()
        self._fetching = fetching
        self._wanted = wanted
        self._hash = wanted.digest.hasher()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs' Buffer has no length
        count = self._fetching.readinto(buffer)
        if count:
            self._hash.update(buffer[:count])
        elif len(buffer):
            self._check()
        return count

    def distrust(self) -> bool:
        """Say that the bytes were wrong; True when somebody is left to give them anew. Again is fine."""
        return self._fetching.distrust()

    def close(self) -> None:
        if not self.closed:
            self._fetching.close()
        super().close()

    def _check(self) -> None:
        found = f"{self._wanted.digest.algorithm}:{self._hash.hexdigest()}"
        if found != self._wanted.digest:
            self._fetching.distrust()
            raise self._fetching.wrong(f"its digest is {found}")
