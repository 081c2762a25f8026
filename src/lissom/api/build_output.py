"""``--output``: put what was built where it is wanted. Names are given last, when everything else is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.api.access import Target
from lissom.api.places import Kind, Place
from lissom.api.transfer import transfer
from lissom.api.world import World
from lissom.archive.docker import DockerArchiveWriter
from lissom.archive.layout import Layout
from lissom.archive.oci import OciArchiveWriter
from lissom.errors import StoreError, UsageError
from lissom.events import Listener
from lissom.image.image import Image
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.rootfs.disk import write
from lissom.rootfs.layertar import write_layer
from lissom.rootfs.tree import Changeset

if TYPE_CHECKING:
    from lissom.api.build import BuildRequest, Output

__all__ = ["deliver"]


def deliver(
    request: BuildRequest, descriptor: Descriptor, images: Sequence[Image], world: World, listener: Listener
) -> bool:
    """Write every output of ``request``; True when one of them went to stdout."""
    wrote = False
    for output in sorted(request.outputs, key=lambda o: o.type == "store"):
        match output.type:
            case "store":
                _name(request.tags, output, descriptor, world)
            case "registry":
                for reference in _names(request.tags, output):
                    transfer(descriptor, world.store, world.access.registry(reference), reference, listener=listener)
            case "oci":
                _layout(request, output, descriptor, world, listener)
            case "docker-archive" | "oci-archive":
                wrote |= output.dest == "-"
                _archive(request, output, descriptor, world, listener)
            case "tar":
                wrote |= output.dest == "-"
                _tar(request, output, _only(images, output), world)
            case "local":
                _directory(output, _only(images, output), world)
    return wrote


def _names(tags: Sequence[Reference], output: Output) -> list[Reference]:
    return [Reference.parse(name) for name in output.name.split(",")] if output.name else list(tags)


def _name(tags: Sequence[Reference], output: Output, descriptor: Descriptor, world: World) -> None:
    names = _names(tags, output)
    for reference in names:
        world.store.names.set(reference, descriptor)
    if not names:
        world.store.keep(descriptor)


def _layout(request: BuildRequest, output: Output, descriptor: Descriptor, world: World, listener: Listener) -> None:
    _into(Layout.create(Path(output.dest)), request, output, descriptor, world, listener)


def _archive(request: BuildRequest, output: Output, descriptor: Descriptor, world: World, listener: Listener) -> None:
    if output.dest == "-" and request.stdout:
        kind = OciArchiveWriter if output.type == "oci-archive" else DockerArchiveWriter
        writer = kind(request.stdout, world.store.temporary, "stdout")
        _into(writer, request, output, descriptor, world, listener)
        writer.close()
        return
    place = Place(Kind.OCI_ARCHIVE if output.type == "oci-archive" else Kind.DOCKER_ARCHIVE, path=Path(output.dest))
    with world.access.writing(place, like=None) as (sink, _):
        _into(sink, request, output, descriptor, world, listener)


def _into(
    sink: Target, request: BuildRequest, output: Output, descriptor: Descriptor, world: World, listener: Listener
) -> None:
    names = _names(request.tags, output)
    transfer(descriptor, world.store, sink, names[0] if names else None, listener=listener)
    for other in names[1:]:
        transfer(descriptor, world.store, sink, other, listener=listener)
    if not names and not isinstance(sink, Registry):
        sink.keep(descriptor)


def _only(images: Sequence[Image], output: Output) -> Image:
    if len(images) > 1:
        raise UsageError(f"cannot write `{output.type}`: files of {len(images)} platforms do not fit into one tree")
    return images[0]


def _tree(image: Image, world: World) -> Changeset:
    chain = [world.snapshots.adopt(layer) for layer in image.layers]
    world.snapshots.lowers(chain)
    tree = world.snapshots.tree(chain)
    return Changeset.of(entry for path, entry in tree.items() if path)


def _tar(request: BuildRequest, output: Output, image: Image, world: World) -> None:
    changes = _tree(image, world)
    if output.dest == "-" and request.stdout:
        write_layer(changes, request.stdout)
        return
    path = Path(output.dest)
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as out:
            write_layer(changes, out)
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write `{path}`: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _directory(output: Output, image: Image, world: World) -> None:
    try:
        Path(output.dest).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write to `{output.dest}`: {error.strerror}") from error
    write(_tree(image, world), Path(output.dest), ownership=world.snapshots.ownership)
