"""A store after kill -9: it opens, everything named verifies, and garbage can be collected. Real processes, real kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lissom.image.image import Image
from lissom.rootfs.ownership import Ownership
from lissom.store.cache import Cache
from lissom.store.gc import collect
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

WORKER = """
import os, sys, pathlib, random
sys.path.insert(0, sys.argv[2])
from conftest import changeset_of, layer_of
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.rootfs.ownership import Ownership
from lissom.store.cache import Cache, Record
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
with Store.at(pathlib.Path(sys.argv[1])) as store:
    snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
    print("ready", flush=True)
    while True:
        number = random.randrange(12)
        files = {f"d{n}/f{n}": bytes([number]) * random.choice([10, 3000, 300000]) for n in range(number + 1)}
        layer = layer_of(store, files)
        delta = snapshots.adopt(layer)
        snapshots.lowers((delta,))
        made = snapshots.put_changeset(changeset_of(files), pack=random.choice([None, Compression()]))
        Cache(store).put(os.urandom(32).hex(), Record(made.id, delta.id, "now", {"n": str(number)}))
        image = Image.make([layer], {"architecture": "amd64", "os": "linux", "history": [{}]}, store)
        store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse(f"app:{number}"))
        if number == 0:
            store.remove(Reference.parse("app:1"))
"""


def start(root: Path) -> subprocess.Popen[bytes]:
    tests = str(Path(__file__).parents[2])
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(root), tests], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    return worker


def check(root: Path) -> int:
    """Everything that the store names is whole; gives how many names there are."""
    with Store.at(root) as store:
        snapshots = Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
        for _, descriptor in store.references():
            image = Image.open(descriptor, store)
            for layer in image.layers:
                with store.open(layer.descriptor) as stream:
                    while stream.read(1 << 20):
                        pass
                (path,) = snapshots.lowers((snapshots.adopt(layer),))
                tree = snapshots.tree((snapshots.adopt(layer),))
                assert sum(1 for e in tree.values() if e.content) == sum(len(files) for _, _, files in os.walk(path))
        for _, record, _ in Cache(store).records():
            delta = snapshots.find(record.delta)
            assert delta is not None
            for entry in snapshots.tree((delta,)).values():
                if entry.content:
                    with entry.content.open() as stream:
                        assert len(stream.read()) == entry.size
        collect(store)
        assert os.listdir(store.temporary) == []
        return len(store.references())


@pytest.mark.timeout(300)
def test_kill_9_at_any_instant_leaves_a_whole_store(tmp_path: Path) -> None:
    root = tmp_path / "store"
    names = 0
    for number in range(8):
        workers = [start(root) for _ in range(1 + number % 2)]
        time.sleep(random.uniform(0.01, 0.4))
        for worker in workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        names = check(root)
    assert names > 0


@pytest.mark.root
def test_a_full_disk_is_told_and_the_store_stays_whole(tmp_path: Path) -> None:
    import io

    from conftest import changeset_of, layer_of
    from lissom.errors import StoreError
    from lissom.image.image import put_bytes
    from lissom.oci.digest import Digest
    from lissom.oci.document import LAYER, Descriptor

    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("cannot mount a tmpfs here")
    try:
        with Store.at(disk) as store:
            snapshots = Snapshots(store, Ownership.KERNEL)
            small = layer_of(store, {"a": b"small"})
            large = os.urandom(6_000_000)
            descriptor = Descriptor(LAYER, Digest.of(large), len(large))
            with pytest.raises(StoreError, match=r"No space left on device \(\d+ bytes are free\)") as caught:
                store.put(descriptor, io.BytesIO(large))
            assert "lissom gc" in (caught.value.hint or "")
            with pytest.raises(StoreError, match="bytes are free"):
                layer_of(store, {"big": large})
            with pytest.raises(StoreError, match="bytes are free"):
                snapshots.put_changeset(changeset_of({"big": large}), pack=None)
            assert os.listdir(store.temporary) == []
            put_bytes(store, small.descriptor, store.path(small.descriptor.digest).read_bytes())
            assert snapshots.lowers((snapshots.adopt(small),))[0].joinpath("a").read_bytes() == b"small"
            collect(store)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
