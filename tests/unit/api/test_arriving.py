"""Layers that are unpacked while they arrive."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from conftest import layer_of
from lissom.api.arriving import Arriving
from lissom.api.transfer import transfer
from lissom.errors import IntegrityError
from lissom.image.image import Image, Layer
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

FILES = {"etc/hosts": b"localhost", "data": os.urandom(3 << 20)}


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Store]:
    with Store.at(tmp_path / "far") as store:
        yield store


def pull(far: Store, store: Store, layer: Layer) -> tuple[Image, Snapshots]:
    image = Image.make([layer], {"architecture": "amd64", "os": "linux"}, far)
    snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
    transfer(image.manifest.descriptor, far, store, None, arrival=Arriving(image.manifest.raw, store, snapshots))
    return image, snapshots


def test_a_layer_is_unpacked_when_the_transfer_ends(far: Store, store: Store) -> None:
    layer = layer_of(far, FILES)
    _, snapshots = pull(far, store, layer)
    directory = snapshots.unpacker.existing(snapshots.adopt(layer))
    assert directory is not None
    assert (directory / "data").read_bytes() == FILES["data"]
    assert store.has(layer.descriptor.digest)


def test_a_layer_that_is_not_its_diff_id_ends_the_transfer(far: Store, store: Store) -> None:
    layer = Layer(layer_of(far, FILES).descriptor, Digest.of(b"another"))
    with pytest.raises(IntegrityError, match="its diff ID is"):
        pull(far, store, layer)
    assert not list((store.private / "snapshots").glob("*/tree"))
    assert not list(store.temporary.iterdir())


def test_a_transfer_that_breaks_off_leaves_nothing_unpacked(
    far: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(far, FILES)
    whole = Store.open

    def cut(self: Store, descriptor: Descriptor) -> BinaryIO:
        stream = whole(self, descriptor)
        return io.BytesIO(stream.read(1 << 20)) if descriptor == layer.descriptor else stream

    monkeypatch.setattr(Store, "open", cut)
    with pytest.raises(IntegrityError, match="bytes came instead of"):
        pull(far, store, layer)
    assert not list((store.private / "snapshots").glob("*/tree"))
    assert not list(store.temporary.iterdir())
