"""What garbage collection takes, what it keeps, and that it needs the store alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import changeset_of, layer_of
from lissom.errors import StoreError
from lissom.image.image import put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import EMPTY, Descriptor, Manifest
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.rootfs.ownership import Ownership
from lissom.store import gc
from lissom.store.cache import Cache, Record
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store


@pytest.fixture
def snapshots(store: Store) -> Snapshots:
    return Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)


def test_named_images_stay_and_others_go(store: Store, image_of) -> None:
    kept, lost = image_of({"a": b"1"}, {"b": b"2"}, name="app:1"), image_of({"c": b"3"})
    store.keep(lost.manifest.descriptor)
    done = gc.collect(store)
    assert done.images == 1
    assert done.blobs == 3
    assert all(store.has(d.digest) for d in (kept.manifest.descriptor, kept.manifest.config, *kept.manifest.layers))
    assert not any(store.has(d.digest) for d in (lost.manifest.descriptor, lost.manifest.config, *lost.manifest.layers))
    assert gc.collect(store).size == 0


def test_what_refers_to_an_image_stays_as_long_as_it_does(store: Store, image_of) -> None:
    image = image_of({"a": b"1"}, name="app:1").manifest.descriptor
    empty = Descriptor(EMPTY, Digest.of(b"{}"), 2)
    put_bytes(store, empty, b"{}")
    bill = Manifest.make(empty, [empty], subject=image, artifact_type="application/x")
    signature = Manifest.make(empty, [empty], subject=bill.descriptor, artifact_type="application/y")
    for manifest in (bill, signature):
        store.put_manifest(manifest.raw, manifest.media_type, None)
    assert gc.collect(store).size == 0
    assert gc.df(store).cache.size == 0
    assert [d.digest for d in store.referrers(image.digest)] == [bill.digest]
    assert store.referrers(image.digest, "application/y") == ()
    assert [d.digest for d in store.referrers(bill.digest, "application/y")] == [signature.digest]
    assert store.forget(signature.digest)
    assert not store.forget(signature.digest)
    assert gc.collect(store).blobs == 1
    store.remove(Reference.parse("app:1"))
    gc.collect(store)
    assert not store.has(bill.digest)
    assert not store.has(empty.digest)
    assert store.referrers(image.digest) == ()
    assert list((store.private / "referrers").iterdir()) == []


def test_what_the_cache_names_stays_without_a_limit(store: Store, snapshots: Snapshots) -> None:
    unpacked = snapshots.put_changeset(changeset_of({"a": b"1"}), pack=None)
    packed = snapshots.put_changeset(changeset_of({"b": b"2"}), pack=Compression())
    loose = snapshots.put_changeset(changeset_of({"c": b"3"}), pack=None)
    cache = Cache(store)
    cache.put("a" * 64, Record(unpacked.id, "", "now", {}))
    cache.put("b" * 64, Record(packed.id, unpacked.id, "now", {}))
    done = gc.collect(store)
    assert (done.snapshots, done.records) == (1, 0)
    assert snapshots.find(loose.id) is None
    assert cache.get("a" * 64) is not None
    assert cache.get("b" * 64) is not None
    assert store.has(snapshots.layer(packed, Compression(), None).descriptor.digest)


def test_a_limit_takes_the_longest_unused_first(store: Store, snapshots: Snapshots) -> None:
    cache = Cache(store)
    deltas = []
    for number in range(4):
        delta = snapshots.put_changeset(changeset_of({"a": os.urandom(200_000)}), pack=None)
        cache.put(str(number) * 64, Record(delta.id, "", "now", {}))
        os.utime(store.private / "snapshots" / delta.id / "delta.json", (number, number))
        deltas.append(delta)
    assert cache.get("0" * 64) is not None  # using it makes it the newest
    gc.collect(store, keep_bytes=500_000)
    assert [cache.get(str(n) * 64) is not None for n in range(4)] == [True, False, False, True]
    done = gc.collect(store, keep_bytes=0)
    assert done.records == 2
    assert os.listdir(store.private / "snapshots") == []


def test_a_record_without_its_delta_is_a_miss(store: Store, snapshots: Snapshots) -> None:
    delta = snapshots.put_changeset(changeset_of({"a": b"1"}), pack=None)
    cache = Cache(store)
    cache.put("a" * 64, Record(delta.id, "", "now", {"RUN": "make"}))
    assert cache.get("a" * 64) == Record(delta.id, "", "now", {"RUN": "make"})
    snapshots.deltas.remove(delta)
    assert cache.get("a" * 64) is None
    assert cache.get("c" * 64) is None


def test_slots_and_notes_are_remembered(store: Store) -> None:
    cache = Cache(store)
    assert cache.last("Dockerfile:3") is None
    cache.remember("Dockerfile:3", {"COPY": "abc"})
    assert cache.last("Dockerfile:3") == {"COPY": "abc"}
    assert cache.note("x") is None
    cache.remember_note("x", "y")
    assert cache.note("x") == "y"


def test_layers_that_images_share_are_counted_once(store: Store, image_of) -> None:
    base = {"base": b"b" * 1000}
    image_of(base, {"one": b"1"}, name="one")
    image_of(base, {"two": b"2"}, name="two")
    usage = gc.df(store)
    shared = layer_of(store, base).descriptor.size
    assert usage.images.count == 2
    assert usage.shared == shared
    assert usage.images.size == sum(gc.blobs_of(store).values())
    assert usage.images.reclaimable == 0
    store.remove(Reference.parse("two"))
    assert gc.df(store).cache.reclaimable > 0


def test_nothing_is_collected_while_another_lissom_works(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "_PATIENCE", 0.1)
    program = (
        "import sys,pathlib; from lissom.store.store import Store\n"
        "with Store.at(pathlib.Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(store.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreError) as caught:
            gc.collect(store)
        assert "another lissom works in this store" in caught.value.message
        assert f"process {other.pid}" in caught.value.message
        other.communicate()
    gc.collect(store)


def test_another_open_store_of_this_process_counts_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "_PATIENCE", 0.1)
    with Store.at(store.root), pytest.raises(StoreError, match="another lissom"):
        gc.collect(store)


def test_leftovers_of_a_crash_are_removed(store: Store) -> None:
    hard = store.temporary / "work-1" / "upper"
    hard.mkdir(parents=True)
    (hard / "closed").mkdir(mode=0)
    (store.temporary / "blob-1").write_bytes(b"x" * 10_000)
    old, new = store.private / "ingest" / "old.part", store.private / "ingest" / "new.part"
    for path in (old, new):
        path.write_bytes(b"part")
    os.utime(old, (time.time() - 10**7,) * 2)
    gc.collect(store)
    assert os.listdir(store.temporary) == []
    assert os.listdir(store.private / "ingest") == ["new.part"]


def test_cache_mounts_are_the_last_used(store: Store) -> None:
    mount = store.private / "mounts" / "abc" / "content"
    mount.mkdir(parents=True)
    (mount / "file").write_bytes(bytes(100_000))
    assert gc.df(store).mounts.count == 1
    assert gc.collect(store).mounts == 0
    assert gc.collect(store, keep_bytes=0).mounts == 1
    assert not Path(mount).exists()


def test_downloads_go_by_when_they_were_used(store: Store) -> None:
    debs = store.private / "debian" / "debs"
    debs.mkdir(parents=True)
    for number, name in enumerate(("old.deb", "new.deb")):
        (debs / name).write_bytes(bytes(8192))
        os.utime(debs / name, (number, number))
    assert gc.df(store).downloads.count == 2
    assert gc.collect(store).downloads == 0
    assert gc.collect(store, keep_bytes=8192).downloads == 1
    assert [path.name for path in debs.iterdir()] == ["new.deb"]
    assert gc.collect(store, keep_bytes=0).downloads == 1
    assert gc.df(store).downloads == gc.Share(0, 0, 0)


@pytest.mark.parametrize("name", ["slims", "distroless"])
def test_accounts_of_images_that_are_gone_go(store: Store, image_of, name: str) -> None:
    kept, lost = image_of({"a": b"1"}, name="app:1"), image_of({"b": b"2"})
    folder = store.private / name
    folder.mkdir()
    for image in (kept, lost):
        (folder / f"{image.digest.hex}.json.zst").write_bytes(b"account")
    gc.collect(store)
    assert [path.name for path in folder.iterdir()] == [f"{kept.digest.hex}.json.zst"]
