"""Where the files of an image come from by the image's own records: those of its packages, and its layers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from lissom.analysis.difference import weights
from lissom.analysis.package import Package
from lissom.analysis.packages import Packages, read_packages
from lissom.api.opened import unpacked
from lissom.api.world import World
from lissom.distroless.evidence.provenance import LayerRow, Member, Present, Provenance
from lissom.distroless.tree.assembled import RECORD
from lissom.image.image import Image
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Changeset, Tree
from lissom.verify.container import chain_of

__all__ = ["owned"]


def owned(world: World, image: Image, name: str) -> Provenance | None:
    """What the records of packages in ``image`` tell; None when it has none of an operating system."""
    chain = chain_of(image, world.snapshots)
    tree = unpacked(chain, world.snapshots)
    packages = read_packages(tree)
    if not packages.system:
        return None
    sizes = weights(tree)
    rows = tuple(_present(tree, packages, sizes, [world.snapshots.changeset(delta) for delta in chain]))
    return Provenance(
        name=name,
        digest=str(image.digest),
        platform=str(image.platform),
        packages=tuple(_members(packages.system)),
        layers=tuple(_layers(image)),
        present=rows,
        by_records=True,
    )


def _present(
    tree: Tree, packages: Packages, sizes: Mapping[str, int], layers: Sequence[Changeset]
) -> Iterator[Present]:
    places = {path: number for number, layer in enumerate(layers, 1) for path in layer.entries}
    for path in tree:
        if not path:
            continue
        owner, kind = packages.owner(path), tree[path].kind
        reason = RECORD if owner is not None and path in owner.records else ""
        word = "hardlink" if kind is Kind.FILE and path not in sizes else kind.value
        yield Present(path, owner.name if owner else "", reason, sizes.get(path, 0), word, places.get(path, 0))


def _members(packages: Sequence[Package]) -> Iterator[Member]:
    """The packages, each with one that needs it: of several the one nearest to a package that nobody needs."""
    by_name = {package.name: package for package in packages}
    needed = {name for package in packages for name in package.requires if name != package.name}
    needed_by: dict[str, str] = {name: "" for name in by_name if name not in needed}
    queue = deque(needed_by)
    while queue:
        name = queue.popleft()
        for other in by_name[name].requires:
            if other in by_name and other not in needed_by:
                needed_by[other] = name
                queue.append(other)
    for package in packages:
        yield Member(package.name, package.version, package.architecture, needed_by=needed_by.get(package.name, ""))


def _layers(image: Image) -> Iterator[LayerRow]:
    said = [str(entry.get("created_by", "")) for entry in image.config.history if not entry.get("empty_layer")]
    for number, layer in enumerate(image.layers):
        text = said[number] if number < len(said) else ""
        yield LayerRow(text, (), "", str(layer.diff_id), compressed=layer.descriptor.size)
