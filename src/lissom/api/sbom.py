"""What an image is put together of, for a bill of materials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lissom.analysis.inventory.component import Inventory, Making
from lissom.analysis.inventory.purl import purl
from lissom.analysis.inventory.reader import Named, read_inventory
from lissom.analysis.inventory.system_details import Key
from lissom.analysis.packages import read_packages
from lissom.api.opened import opened, unpacked
from lissom.api.places import Place, parse
from lissom.api.world import World
from lissom.distroless.evidence.provenance import Provenance
from lissom.distroless.evidence.provenance_json import find_provenance
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.verify.container import chain_of

__all__ = ["Label", "inventory", "inventory_of"]


@dataclass(frozen=True, slots=True)
class Label:
    """How a bill calls an image: its name for people, and the parts of that which a purl of it has."""

    text: str
    name: str
    tag: str = ""
    repository: str = ""

    @classmethod
    def of(cls, reference: Reference) -> Label:
        """An image with a name. Docker's registry is nobody's choice: of images without one it is not said."""
        repository = reference.name if reference.registry != "docker.io" else ""
        return cls(reference.familiar, reference.repository.rpartition("/")[2], reference.tag or "", repository)


def inventory(
    world: World, text: str, *, platform: Platform | None = None, files: bool = False, created: int | None = None
) -> Inventory:
    """What the image ``text`` is put together of; ``files`` lists each of them, ``created`` beats the image's own time.

    Raises StoreError, RegistryError, IntegrityError.
    """
    with opened(world, text, platform) as image:
        return inventory_of(world, image, _label(parse(text)), files=files, created=created)


def inventory_of(
    world: World, image: Image, label: Label, *, files: bool = False, created: int | None = None
) -> Inventory:
    """What an image at hand is put together of. Of one that lissom made, its store knows which .debs those were."""
    packages = read_packages(unpacked(chain_of(image, world.snapshots), world.snapshots))
    arch = image.platform.architecture
    more = {"arch": arch, "tag": label.tag, "repository_url": label.repository}
    url = purl("oci", "", label.name.lower(), str(image.digest), more)
    named = Named(label.text, str(image.digest), url, _created(image) if created is None else created)
    told = find_provenance(world.store, image.digest)
    return read_inventory(packages, named, made=_made(told) if told else {}, files=files)


def _made(told: Provenance) -> Mapping[Key, Making]:
    """What the store knows of each .deb, and in how many files the package in the image is not the whole one."""
    counts = Counter((row.package, row.reason) for row in told.left_out)
    texts: dict[str, list[str]] = {}
    for (package, reason), count in sorted(counts.items()):
        texts.setdefault(package, []).append(f"{count} {'file' if count == 1 else 'files'} ({reason})")
    return {(one.name, one.version, one.architecture): Making(one.sha256, ", ".join(texts.get(one.name, ())))
            for one in told.packages}  # fmt: skip


def _label(place: Place) -> Label:
    """Directories and archives are called by their own name: where they are is nobody's business."""
    if place.reference is not None:
        return Label.of(replace(place.reference, digest=None) if place.reference.tag else place.reference)
    if place.path is None:
        return Label(place.name, "image")
    if "/" in place.name or ":" in place.name:
        return Label.of(Reference.parse(place.name))
    own = place.path.resolve().name
    return Label(f"{own}:{place.name}" if place.name else own, own, place.name)


def _created(image: Image) -> int:
    """Seconds since 1970; an image that does not say when it was made, or before that, is as old as the epoch."""
    try:
        when = datetime.fromisoformat(str(image.config.document.get("created")))
        return max(0, int(when.replace(tzinfo=when.tzinfo or UTC).timestamp()))
    except (ValueError, OverflowError):
        return 0
