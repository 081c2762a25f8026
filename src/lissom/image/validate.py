"""Prove that an image is whole: every blob, digest, size and diff ID, every layer readable."""

from __future__ import annotations

from lissom.errors import IntegrityError, LissomError
from lissom.image.image import Image, Layer, read_blob
from lissom.image.layers import check_diff_id, stacked
from lissom.oci.document import MANIFEST
from lissom.rootfs.compress import decompressed
from lissom.rootfs.tar import TarReader
from lissom.rootfs.tree import Changeset

__all__ = ["find_problems", "validate"]


def find_problems(image: Image) -> list[str]:
    """What is wrong with ``image``, in words; empty when it is whole. Reads every byte of it."""
    problems = _document_problems(image)
    changesets: list[Changeset] = []
    for number, layer in enumerate(image.layers, 1):
        try:
            changesets.append(_read(layer, image, problems, f"layer {number}"))
        except LissomError as error:
            problems.append(f"layer {number}: {error.message}")
    if not problems:
        try:
            stacked(changesets)
        except LissomError as error:
            problems.append(error.message)
    return problems


def validate(image: Image) -> None:
    """Raise IntegrityError that lists what is wrong with ``image``; return when nothing is."""
    if problems := find_problems(image):
        raise IntegrityError(f"cannot trust image `{image.digest}`: " + "; ".join(problems))


def _document_problems(image: Image) -> list[str]:
    problems: list[str] = []
    manifest, config = image.manifest, image.config
    if len(config.diff_ids) != len(manifest.layers):
        problems.append(f"{len(manifest.layers)} layers, {len(config.diff_ids)} diff IDs")
    filled = sum(1 for step in config.history if not step.get("empty_layer"))
    if config.history and filled != len(manifest.layers):
        problems.append(f"{len(manifest.layers)} layers, {filled} steps of history that made one")
    if config.document.get("rootfs", {}).get("type") != "layers":
        problems.append("the config's rootfs is not of type `layers`")
    problems += [f"the config lacks {key}" for key in ("architecture", "os") if not config.document.get(key)]
    try:
        if read_blob(image.blobs, manifest.config) != config.raw:
            problems.append("the config is not the one that the manifest names")
        if manifest.media_type == MANIFEST and image.blobs.has(manifest.digest):
            read_blob(image.blobs, manifest.descriptor)
    except LissomError as error:
        problems.append(error.message)
    return problems


def _read(layer: Layer, image: Image, problems: list[str], name: str) -> Changeset:
    if not image.blobs.has(layer.descriptor.digest):
        raise IntegrityError(f"`{layer.descriptor.digest}` is missing")
    hasher = layer.diff_id.hasher()
    with image.blobs.open(layer.descriptor) as blob, decompressed(blob, tap=hasher.update) as plain:
        reader = TarReader(plain, origin=str(layer.diff_id))
        seen: set[str] = set()
        for entry in reader:
            if entry.path in seen:
                problems.append(f"{name}: `/{entry.path}` is in it twice")
            seen.add(entry.path)
    check_diff_id(layer, hasher.hexdigest())
    return reader.changeset
