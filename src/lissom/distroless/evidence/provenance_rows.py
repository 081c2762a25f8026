"""What is told of an image of packages, from what it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lissom.analysis.difference import weights
from lissom.distroless.archive.control import Package
from lissom.distroless.evidence.layers import Group
from lissom.distroless.evidence.provenance import LayerRow, Member, Present, Provenance
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.assembled import Assembled, Origin
from lissom.image.image import Image
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree

__all__ = ["provenance"]

_UNKNOWN = Origin()


def provenance(
    spec: Spec, supplied: Supply, assembled: Assembled, groups: Sequence[Group], image: Image, *, version: str
) -> Provenance:
    """Where everything in ``image`` comes from, whose layers are ``groups``."""
    sizes = weights(Tree(assembled.entries))
    rows = tuple(_present(assembled, groups, sizes))
    by_package: dict[str, int] = {}
    for row in rows:
        by_package[row.package] = by_package.get(row.package, 0) + row.size
    left_out = sorted(
        (row for row in assembled.left_out if row.path not in assembled.entries), key=lambda row: row.path
    )
    return Provenance(
        name=spec.name or spec.suite,
        digest=str(image.digest),
        platform=str(image.platform),
        packages=tuple(_members(spec, supplied, groups, by_package)),
        layers=tuple(_layers(groups, image, sizes)),
        present=rows,
        left_out=tuple(left_out),
        version=version,
        created=str(image.config.document.get("created", "")),
    )


def _present(assembled: Assembled, groups: Sequence[Group], sizes: Mapping[str, int]) -> Iterator[Present]:
    layers = {path: number for number, group in enumerate(groups, 1) for path in group.changeset.entries}
    for path in sorted(filter(None, assembled.entries)):
        entry, origin = assembled.entries[path], assembled.origins.get(path, _UNKNOWN)
        if entry.is_directory and not origin.reason:
            origin = _UNKNOWN  # whoever came first lists it, and others do too
        kind = "hardlink" if entry.kind is Kind.FILE and path not in sizes else entry.kind.value
        yield Present(path, origin.package, origin.reason, sizes.get(path, 0), kind, layers.get(path, 0))


def _members(spec: Spec, supplied: Supply, groups: Sequence[Group], sizes: Mapping[str, int]) -> Iterator[Member]:
    wishes = {wish.name: f"{wish}: {', '.join(wish.slices)}" if wish.slices else str(wish) for wish in spec.packages}
    layers = {name: number for number, group in enumerate(groups, 1) for name in group.packages}
    for package in supplied.packages:
        name, needed_by = package.name, supplied.needed_by.get(package.name, "")
        wish = "" if needed_by else wishes.get(name) or _unsaid(spec, package)
        yield Member(
            name, package.version, package.architecture, package.source, package.fields.get("Section", ""),
            wish, needed_by, layers.get(name, 0), sizes.get(name, 0), package.sha256,
        )  # fmt: skip


def _unsaid(spec: Spec, package: Package) -> str:
    """Which setting asked for a package that ``packages`` does not list."""
    return "debug" if spec.debug and package.name == "busybox-static" else f"bootstrap: {spec.bootstrap}"


def _layers(groups: Sequence[Group], image: Image, sizes: Mapping[str, int]) -> Iterator[LayerRow]:
    for group, layer in zip(groups, image.layers, strict=True):
        size = sum(sizes.get(path, 0) for path in group.changeset.entries)
        yield LayerRow(
            group.name,
            (*group.packages, *group.additions),
            group.reason,
            str(layer.diff_id),
            size,
            layer.descriptor.size,
        )
