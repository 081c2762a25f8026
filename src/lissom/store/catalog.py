"""What the manifests of a store say, in one file: a list of ten thousand images reads that, not twenty thousand blobs.

It follows from the blobs: what is missing or damaged is made again when somebody asks. Whether blobs are still there is
not in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from lissom.errors import LissomError
from lissom.image.image import Blobs, Image, read_blob
from lissom.oci.document import Descriptor, Manifest
from lissom.store.journal import Journal
from lissom.store.names import Named

__all__ = ["ARTIFACT", "Catalog", "Facts"]

ARTIFACT = "artifact"
_COLUMNS = 4
_CREATED = "org.opencontainers.image.created"


@dataclass(frozen=True, slots=True)
class Facts:
    """What one manifest says. ``size`` is of the unpacked files in bytes, None when nobody has counted them yet.

    Of an artifact ``config`` is the manifest's own digest and ``platform`` is ARTIFACT.
    """

    config: str
    created: str
    platform: str
    size: int | None


class Catalog:
    """The facts of a store by manifest, and the blobs of its images. Safe for several threads and processes."""

    def __init__(self, folder: Path, locks: Path, temporary: Path) -> None:
        self._facts_file = Journal(folder / "catalog", locks / "catalog", temporary)
        self._layers_file = Journal(folder / "catalog-layers", locks / "catalog", temporary)
        self._guard = threading.Lock()
        self._facts: dict[str, Facts] | None = None

    def facts(self, manifests: Iterable[Named], blobs: Blobs) -> dict[str, Facts]:
        """The facts of ``manifests``, by digest; what nobody has looked at is read, what cannot be read is left out."""
        entries = {entry.digest: entry for entry in manifests}
        with self._guard:
            known = self._read()
            new: dict[str, Facts] = {}
            layers: dict[str, str] = {}
            for digest in entries.keys() - known.keys():
                with suppress(LissomError):
                    new[digest], layers[digest] = _look(entries[digest].descriptor, blobs)
            self._add(new, layers)
            return {digest: known[digest] for digest in entries if digest in known}

    def add(self, new: Mapping[str, Facts]) -> None:
        """Replace facts, by manifest."""
        with self._guard:
            self._add(new, {})

    def layers(self, manifests: Iterable[Named], blobs: Blobs) -> dict[str, str]:
        """Digests of configs and layers and diff IDs of all ``manifests``, as text to search in.

        Whoever acts on what is found reads the manifest before.
        """
        known = self.facts(manifests, blobs)
        return {manifest: said for manifest, said in self._layers_file.read().items() if manifest in known}

    def holders(self, manifests: Iterable[Named], blobs: Blobs) -> Callable[[str], Iterator[str]]:
        """Finds manifests by the digest of a blob or by a diff ID, ``manifests`` and maybe others.

        Nothing that it finds is certain before the manifest is read.
        """
        self.facts(manifests, blobs)
        return self._layers_file.finder()

    def keep(self, manifests: Collection[str]) -> None:
        """Forget all but these."""
        with self._guard:
            self._facts_file.keep(manifests)
            self._layers_file.keep(manifests)
            self._facts = None

    def _add(self, new: Mapping[str, Facts], layers: Mapping[str, str]) -> None:
        if new:
            self._read().update(new)
            # Layers first: who finds facts looks for no layers.
            self._layers_file.append(layers)
            self._facts_file.append({key: astuple(facts) for key, facts in new.items()})

    def _read(self) -> dict[str, Facts]:
        if self._facts is None:
            found = self._facts_file.read()
            self._facts = {manifest: Facts(*row) for manifest, row in found.items() if len(row) == _COLUMNS}
        return self._facts


def _look(descriptor: Descriptor, blobs: Blobs) -> tuple[Facts, str]:
    """Read manifest and config; gives digests of config and layers and diff IDs too, as text. Raises IntegrityError."""
    manifest = Manifest.parse(read_blob(blobs, descriptor))
    if not manifest.is_image:
        size = sum(layer.size for layer in manifest.layers)
        return Facts(manifest.digest, str(manifest.annotations.get(_CREATED, "")), ARTIFACT, size), ""
    image = Image.open(descriptor, blobs)
    created = str(image.config.document.get("created") or "")
    text = " ".join((image.config.digest, *(f"{layer.descriptor.digest} {layer.diff_id}" for layer in image.layers)))
    return Facts(image.config.digest, created, str(image.platform), None), text
