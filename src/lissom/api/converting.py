"""An image in another form: layers compressed otherwise, documents in docker's media types or in OCI's.

Content stays what it is: configs keep their bytes, layers their diff IDs. Manifests and indexes are made anew where
something in them changes, for every platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lissom.api.documents import Document
from lissom.api.repacking import LAYER_KINDS, Task
from lissom.errors import IntegrityError, UsageError
from lissom.events import Decision, Listener, Warned
from lissom.image.attestation import attestations
from lissom.image.image import Blobs, read_blob
from lissom.oci.digest import Digest
from lissom.oci.document import (
    CONFIG_TYPES,
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    INDEX_TYPES,
    LAYER_ZSTD,
    Descriptor,
    ImageConfig,
    Index,
    Manifest,
)
from lissom.oci.rewrite import in_family, index_over, lost, manifest_over
from lissom.rootfs.compress import Compression

__all__ = ["Form", "converted", "tasks"]

_FORMATS = ("oci", "docker")


@dataclass(frozen=True, slots=True)
class Form:
    """What an image shall be like where it goes; None leaves a thing as it is.

    ``compression`` without a level leaves layers alone that are compressed so, whatever the level; with one, all layers
    get exactly it. ``format`` is ``oci`` or ``docker``, whose schema 2 knows no zstd.
    """

    compression: Compression | None = None
    format: str | None = None

    @classmethod
    def parse(cls, compression: str | None, format: str | None) -> Form | None:  # noqa: A002 (the flag's name)
        """Read the two flags; None when neither is given. Raises UsageError."""
        if compression is None and format is None:
            return None
        if format is not None and format not in _FORMATS:
            raise UsageError(f"cannot use format `{format}`: it is none of {', '.join(_FORMATS)}")
        found = cls(Compression.parse(compression) if compression else None, format)
        if found.format == "docker" and found.compression and found.compression.kind == "zstd":
            raise UsageError(
                "cannot use --compression zstd with --format docker: docker's manifests know no zstd",
                hint="leave --format out: such images get OCI manifests",
            )
        return found

    def wanted(self, layer: Descriptor) -> Compression | None:
        """How a layer must be compressed anew, None when it can stay."""
        kind = LAYER_KINDS.get(layer.media_type)
        if kind is None:
            return None
        if self.compression and (self.compression.level is not None or self.compression.kind != kind):
            return None if kind == self.compression.kind == "none" else self.compression
        return Compression() if self.format == "docker" and kind == "zstd" else None


def tasks(documents: list[Document], source: Blobs, form: Form) -> list[Task]:
    """The layers that must be compressed anew, each once. Raises IntegrityError for configs that do not fit."""
    found: dict[Digest, Task] = {}
    for document in documents:
        if document.config is None or document.config.media_type not in CONFIG_TYPES:
            continue
        wanted = [(layer, form.wanted(layer)) for layer in document.layers]
        if not any(compression for _, compression in wanted):
            continue
        config = ImageConfig.parse(read_blob(source, document.config))
        if len(config.diff_ids) != len(wanted):
            raise IntegrityError(
                f"cannot compress image `{document.descriptor.digest}` anew: it has {len(wanted)} layers, "
                f"{len(config.diff_ids)} diff IDs"
            )
        for (layer, compression), diff_id in zip(wanted, config.diff_ids, strict=True):
            if compression:
                found.setdefault(layer.digest, Task(layer, diff_id, compression))
    return list(found.values())


def converted(
    documents: list[Document], layers: Mapping[Digest, Descriptor], form: Form, listener: Listener
) -> list[Document]:
    """The documents over ``layers``, in the form asked for; children before their index, as they came.

    What a docker format cannot hold is left out, and told. Raises UsageError when that is the image itself.
    """
    became: dict[Digest, Descriptor] = {}
    left_out: set[Digest] = set()
    made: list[Document] = []
    for document in documents:
        digest = document.descriptor.digest
        if form.format == "docker" and _is_artifact(document):
            if document is documents[-1]:
                raise UsageError(f"cannot give `{digest}` docker's format: it is an artifact, which only OCI knows")
            left_out.add(digest)
            listener(Warned(f"left out `{digest.short}` (an attestation or artifact): docker's format has no place"))
            continue
        new = _over_children(document, became, left_out, form) if _is_index(document) else _over(document, layers, form)
        if _is_index(document) and form.format != "docker":
            _warn_of_statements(Index.parse(document.raw), became, listener)
        if form.format == "docker" and new is not document and (gone := _lost(document)):
            listener(Warned(f"`{digest.short}` lost its {', '.join(gone)}: docker's format has none"))
        became[digest] = new.descriptor
        made.append(new)
        if new is not document:
            listener(Decision(digest.short, f"made anew as {new.descriptor.digest.short}"))
    return made


def _over(document: Document, layers: Mapping[Digest, Descriptor], form: Form) -> Document:
    new = [layers.get(layer.digest, layer) for layer in document.layers]
    was_docker = document.media_type == DOCKER_MANIFEST
    docker = form.format == "docker" if form.format else was_docker
    # Docker's schema 2 has no name for zstd, and what reads it knows none.
    docker = docker and all(layer.media_type != LAYER_ZSTD for layer in new)
    same = all(a.digest == b.digest for a, b in zip(new, document.layers, strict=True))
    if same and (form.format is None or _all_of(document, docker=docker)):
        return document
    return Document.of(manifest_over(Manifest.parse(document.raw), layers, docker=docker))


def _over_children(
    document: Document, became: Mapping[Digest, Descriptor], left_out: set[Digest], form: Form
) -> Document:
    index = Index.parse(document.raw)
    changed = {digest: new for digest, new in became.items() if new.digest != digest}
    docker = form.format == "docker" if form.format else document.media_type == DOCKER_INDEX
    children = [became[child.digest] for child in index.manifests if child.digest not in left_out]
    docker = docker and all(child.media_type in (DOCKER_MANIFEST, DOCKER_INDEX) for child in children)
    touched = any(child.digest in changed or child.digest in left_out for child in index.manifests)
    if not touched and docker == (document.media_type == DOCKER_INDEX):
        return document
    return Document.of(index_over(index, changed, left_out, docker=docker))


def _warn_of_statements(index: Index, became: Mapping[Digest, Descriptor], listener: Listener) -> None:
    """An attestation moves along with its image, but what it says is still of the digest before."""
    for old, new in became.items():
        if new.digest != old and attestations(index, old):
            listener(
                Warned(
                    f"the attestations of `{new.digest.short}` are about `{old.short}`, which it was made from",
                    hint="who checks them will not find the new digest in them; attest it anew",
                )
            )


def _all_of(document: Document, *, docker: bool) -> bool:
    """Whether every media type of a manifest is of the family already."""
    config = (document.config.media_type,) if document.config else ()
    types = (document.media_type, *config, *(layer.media_type for layer in document.layers))
    return all(in_family(media_type, docker=docker) == media_type for media_type in types)


def _is_index(document: Document) -> bool:
    return document.media_type in INDEX_TYPES


def _is_artifact(document: Document) -> bool:
    if document.config is None:
        return False
    image = document.config.media_type in CONFIG_TYPES and all(".tar" in layer.media_type for layer in document.layers)
    return not image


def _lost(document: Document) -> list[str]:
    return lost(Index.parse(document.raw) if _is_index(document) else Manifest.parse(document.raw))
