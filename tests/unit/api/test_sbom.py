"""What the store and the image itself add to a bill of materials."""

import os

import pytest

from inventory_scenes import DEBIAN
from lissom.analysis.inventory.component import Making
from lissom.api.sbom import Label, inventory_of
from lissom.api.world import World
from lissom.distroless.evidence.provenance import LeftOut, Member, Provenance
from lissom.distroless.evidence.provenance_json import put_provenance
from lissom.image.image import Image
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots


@pytest.fixture
def world(store):
    snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
    return World(store, snapshots, reach=lambda: pytest.fail("nothing is elsewhere"))


@pytest.mark.parametrize(
    ("created", "seconds"),
    [
        ("2020-09-13T12:26:40Z", 1_600_000_000),
        ("2020-09-13T12:26:40.123456789Z", 1_600_000_000),
        ("2020-09-13T14:26:40+02:00", 1_600_000_000),
        ("2020-09-13T12:26:40", 1_600_000_000),
        ("0001-01-01T00:00:00Z", 0),
        ("yesterday", 0),
        (None, 0),
        (7, 0),
    ],
)
def test_images_say_when_they_were_made(store, world, created, seconds):
    said = {"architecture": "amd64", "os": "linux", "config": {}} | ({} if created is None else {"created": created})
    assert inventory_of(world, Image.make([], said, store), Label("a", "a")).created == seconds


def test_what_the_store_knows_of_the_packages_that_it_made_an_image_of(image_of, store, world):
    image = image_of({path: data.encode() for path, data in DEBIAN.items()})
    left_out = [("usr/share/doc/a", "trim"), ("usr/share/doc/b", "trim"), ("usr/lib/c", "slices")]
    put_provenance(
        store,
        Provenance(
            "app",
            str(image.digest),
            packages=(Member("libc6", "2.36-9+deb12u14", "amd64", sha256="ab"), Member("libgcc-s1", "other", "amd64")),
            left_out=tuple(LeftOut(path, "libc6", reason) for path, reason in left_out),
        ),
    )
    found = {one.name: one.making for one in inventory_of(world, image, Label("a", "a")).components}
    assert found["libc6"] == Making("ab", "1 file (slices), 2 files (trim)")
    assert found["libgcc-s1"] == Making()
