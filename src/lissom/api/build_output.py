"""``--output``: put what was built where it is wanted. Names are given last, when everything else is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.api.new_file import new_file
from lissom.api.world import World
from lissom.errors import StoreError, UsageError
from lissom.events import Listener
from lissom.image.image import Image
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.rootfs.disk import write
from lissom.rootfs.layertar import write_layer
from lissom.rootfs.tree import Changeset

if TYPE_CHECKING:
    from lissom.api.build_request import BuildRequest, Output
    from lissom.archive.docker import DockerArchiveWriter
    from lissom.archive.layout import Layout
    from lissom.archive.oci import OciArchiveWriter

__all__ = ["deliver"]


def deliver(
    request: BuildRequest, descriptor: Descriptor, images: Sequence[Image], world: World, listener: Listener
) -> bool:
    """Write every output of ``request``; True when one of them went to stdout."""
    delivery = _Delivery(request, descriptor, world, listener)
    # Names in the store come last: they say that everything else is done.
    for output in sorted(request.outputs, key=lambda o: o.type == "store"):
        match output.type:
            case "store":
                delivery.name(output)
            case "registry":
                delivery.push(output)
            case "oci":
                delivery.layout(output)
            case "docker-archive" | "oci-archive":
                delivery.archive(output)
            case "tar":
                _tar(request, output, _only(images, output), world)
            case "local":
                _directory(output, _only(images, output), world)
    return any(output.dest == "-" for output in request.outputs)


@dataclass(frozen=True)
class _Delivery:
    """The image that was built on its way to places that hold images."""

    request: BuildRequest
    descriptor: Descriptor
    world: World
    listener: Listener

    def names(self, output: Output) -> list[Reference]:
        return [Reference.parse(name) for name in output.name.split(",")] if output.name else list(self.request.tags)

    def name(self, output: Output) -> None:
        names = self.names(output)
        for reference in names:
            self.world.store.names.set(reference, self.descriptor)
        if not names:
            self.world.store.keep(self.descriptor)

    def push(self, output: Output) -> None:
        from lissom.api.transfer import transfer

        for reference in self.names(output):
            sink = self.world.access.registry(reference)
            transfer(self.descriptor, self.world.store, sink, reference, listener=self.listener)

    def layout(self, output: Output) -> None:
        from lissom.archive.layout import Layout

        self.into(Layout.create(Path(output.dest)), output)

    def into(self, sink: Layout | OciArchiveWriter | DockerArchiveWriter, output: Output) -> None:
        from lissom.api.transfer import transfer

        names = self.names(output)
        transfer(self.descriptor, self.world.store, sink, names[0] if names else None, listener=self.listener)
        for other in names[1:]:
            transfer(self.descriptor, self.world.store, sink, other, listener=self.listener)
        if not names:
            sink.keep(self.descriptor)

    def archive(self, output: Output) -> None:
        from lissom.api.places import Kind, Place
        from lissom.archive.docker import DockerArchiveWriter
        from lissom.archive.oci import OciArchiveWriter

        if output.dest == "-" and self.request.stdout:
            kind = OciArchiveWriter if output.type == "oci-archive" else DockerArchiveWriter
            writer = kind(self.request.stdout, self.world.store.temporary, "stdout")
            self.into(writer, output)
            writer.close()
            return
        place = Place(Kind.OCI_ARCHIVE if output.type == "oci-archive" else Kind.DOCKER_ARCHIVE, path=Path(output.dest))
        with self.world.access.writing(place, like=None) as (sink, _):
            assert isinstance(sink, (OciArchiveWriter, DockerArchiveWriter))
            self.into(sink, output)


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
    try:
        with new_file(path) as out:
            write_layer(changes, out)
    except OSError as error:
        raise StoreError(f"cannot write `{path}`: {error.strerror}") from error


def _directory(output: Output, image: Image, world: World) -> None:
    try:
        Path(output.dest).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write to `{output.dest}`: {error.strerror}") from error
    write(_tree(image, world), Path(output.dest), ownership=world.snapshots.ownership)
