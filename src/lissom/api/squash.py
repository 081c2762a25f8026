"""Merge layers of an image; what it stands on stays shared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from lissom.analysis.difference import tree_changes
from lissom.api.layer_sizes import unpacked_size
from lissom.api.nearest import Nearest
from lissom.api.opened import opened, unpacked
from lissom.api.standing_on import begins, named_images, standing_on
from lissom.api.transfer import transfer
from lissom.api.world import World
from lissom.errors import UsageError, VerifyError
from lissom.image import mutate
from lissom.image.image import Image
from lissom.oci.digest import Digest
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.store.store import Store
from lissom.store.survey import reach
from lissom.verify.container import chain_of

__all__ = ["Squashed", "squash"]

_WHOLE = "nothing"


@dataclass(frozen=True)
class Squashed:
    """What a squash did. ``kept`` layers stay as they were because they are ``base``'s, ``merged`` became one.

    Sizes are in bytes, compressed and unpacked, of all layers. ``unshared`` are compressed bytes of merged layers that
    other images of the store have too: whoever holds those has to fetch them again, now as part of the new layer.
    ``shareable`` is how many of the lowest layers another image has.
    """

    digest: Digest
    kept: int
    base: str
    merged: int
    compressed_before: int
    compressed_after: int
    unpacked_before: int
    unpacked_after: int
    unshared: int = 0
    shareable: int = 0


def squash(
    world: World,
    text: str,
    *,
    names: Sequence[Reference] = (),
    above: str | None = None,
    compression: Compression | None = None,
    timestamp: int | None = None,
    verify: bool = False,
    platform: Platform | None = None,
) -> Squashed:
    """Merge the layers of an image above ``above`` into one and name the result; without a name it is only kept.

    ``above`` is a number of lowest layers, the digest (or its beginning) of the topmost layer that stays, or an image
    whose layers this one begins with. Without it that is the image's base where the store knows it, else nothing.
    ``verify`` reads both images and compares them. Raises UsageError, StoreError, RegistryError, IntegrityError, and
    VerifyError when the two differ, which then leaves no name.
    """
    store = world.store
    with opened(world, text, platform) as image:
        if image.blobs is not store:
            source = image.blobs.far if isinstance(image.blobs, Nearest) else image.blobs
            transfer(image.manifest.descriptor, source, store, None, listener=world.access.listener)
            image = store.image(image.manifest.descriptor)  # noqa: PLW2901 - the same, now here
    kept, base = _found_base(store, image) if above is None else _asked(store, image, above)
    merged = len(image.layers) - kept
    result = mutate.squash(
        image,
        store,
        keep=kept,
        workspace=store.temporary,
        compression=compression,
        timestamp=timestamp,
        comment=f"{merged} layers merged",
    )
    if verify and result is not image:
        _verify(world, image, result, text, times=timestamp is None)
    descriptor = store.put_manifest(result.manifest.raw, result.manifest.media_type, None)
    for name in names:
        store.name(name, descriptor)
    if not names:
        store.keep(descriptor)
    done = Squashed(
        result.digest, kept, base, merged, _stored(image), _stored(result), _unpacked(store, image),
        _unpacked(store, result),
    )  # fmt: skip
    if result is image:
        return replace(done, merged=0)
    return replace(done, unshared=_unshared(store, image, result), shareable=_shareable(store, image, result))


def _asked(store: Store, image: Image, text: str) -> tuple[int, str]:
    """How many layers stay when the user says up to which."""
    count = len(image.layers)
    if re.fullmatch(r"\d{1,3}", text):
        if int(text) > count:
            raise UsageError(f"cannot squash above layer {text}: the image has {count} layers")
        return int(text), f"layer {text}" if int(text) else _WHOLE
    digits = text.removeprefix("sha256:")
    if re.fullmatch(r"[0-9a-f]{4,64}", digits):
        found = [
            number
            for number, layer in enumerate(image.layers, 1)
            if layer.descriptor.digest.hex.startswith(digits) or layer.diff_id.hex.startswith(digits)
        ]
        if len(found) > 1:
            raise UsageError(f"cannot squash above layer `{text}`: {len(found)} layers begin so, name it by its number")
        if found:
            return found[0], f"layer {text}"
    below = store.image(store.resolve(text), image.platform)
    if not begins(image, below):
        raise UsageError(
            f"cannot squash above `{text}`: the image does not begin with its layers",
            hint="--from takes a number of layers, a layer's digest or an image below this one",
        )
    return len(below.layers), text


def _found_base(store: Store, image: Image) -> tuple[int, str]:
    """What the image stands on. One layer above a base is squashed already: then what is below that base is meant."""
    found = standing_on(store, image, most=len(image.layers) - 2)
    return (len(found[1].layers), found[0]) if found else (0, _WHOLE)


def _unshared(store: Store, image: Image, result: Image) -> int:
    """Bytes of layers that went and that other images have."""
    others = [entry for entry in store.entries() if entry.descriptor.digest not in (image.digest, result.digest)]
    elsewhere = reach(store, others).layers
    stay = {layer.descriptor.digest for layer in result.layers}
    gone = {d.digest: d.size for d in image.manifest.layers if d.digest not in stay}
    return sum(size for digest, size in gone.items() if digest in elsewhere)


def _shareable(store: Store, image: Image, result: Image) -> int:
    """How many of the lowest layers of ``image`` another image begins with."""
    most = 0
    for _, other in named_images(store):
        if other.digest not in (image.digest, result.digest):
            pairs = zip(image.config.diff_ids, other.config.diff_ids, strict=False)
            most = max(most, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return most


def _stored(image: Image) -> int:
    return sum(layer.descriptor.size for layer in image.layers)


def _unpacked(store: Store, image: Image) -> int:
    return sum(unpacked_size(store, layer) for layer in image.layers)


def _verify(world: World, image: Image, result: Image, text: str, *, times: bool) -> None:
    before, after = (unpacked(chain_of(one, world.snapshots), world.snapshots) for one in (image, result))
    changes = tree_changes(before, after, times=times)
    if changes or image.config.config != result.config.config:
        where = f"`/{changes[0].path}` and {len(changes) - 1} more paths differ" if changes else "the config differs"
        raise VerifyError(f"cannot squash `{text}`: {where}", hint="please report this: it is a bug of lissom")
