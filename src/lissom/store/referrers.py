"""What refers to the images of a store: for each subject the index of its referrers, below ``lissom/referrers``.

The store's own index names images; what belongs to one of them is found from there and stays as long as it does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor, Index
from lissom.store.files import write_whole
from lissom.store.lock import locked

__all__ = ["Referrers"]


class Referrers:
    """Lists of referrers by subject. Every change happens under a lock and is whole or not at all."""

    def __init__(self, private: Path, temporary: Path) -> None:
        self._folder = private / "referrers"
        self._lock = private / "locks" / "referrers"
        self._temporary = temporary

    def find(self, subject: Digest) -> tuple[Descriptor, ...]:
        """What was said to refer to a digest, in the order of its coming. Raises IntegrityError."""
        try:
            return Index.parse(self._path(subject).read_bytes()).manifests
        except FileNotFoundError:
            return ()

    def add(self, subject: Digest, referrer: Descriptor) -> None:
        """Put a referrer into its subject's list."""
        with locked(self._lock):
            before = self.find(subject)
            if referrer not in before:
                others = [known for known in before if known.digest != referrer.digest]
                self._write(self._path(subject), [*others, referrer])

    def clear(self, *, keep: Callable[[Digest], bool]) -> bool:
        """Take out what ``keep`` refuses, everywhere; whether that was anything."""
        changed = False
        with locked(self._lock):
            for path in list(self._folder.glob("*.json")):
                before = Index.parse(path.read_bytes()).manifests
                after = [known for known in before if keep(known.digest)]
                if len(after) < len(before):
                    self._write(path, after)
                    changed = True
        return changed

    def _write(self, path: Path, referrers: list[Descriptor]) -> None:
        if not referrers:
            path.unlink(missing_ok=True)
            return
        self._folder.mkdir(exist_ok=True)
        write_whole(path, Index.make(referrers).raw, self._temporary)

    def _path(self, subject: Digest) -> Path:
        return self._folder / f"{subject.algorithm}-{subject.hex}.json"
