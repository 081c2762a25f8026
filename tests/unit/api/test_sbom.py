"""When an image was made, as a bill of materials tells it."""

import os

import pytest

from lissom.api.sbom import Label, inventory_of
from lissom.api.world import World
from lissom.image.image import Image
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots


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
def test_images_say_when_they_were_made(store, created, seconds):
    said = {"architecture": "amd64", "os": "linux", "config": {}} | ({} if created is None else {"created": created})
    snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
    world = World(store, snapshots, reach=lambda: pytest.fail("nothing is elsewhere"))
    assert inventory_of(world, Image.make([], said, store), Label("a", "a")).created == seconds
