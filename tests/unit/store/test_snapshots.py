"""Deltas: trees without unpacking, directories for overlay, layers on demand."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import changeset_of, layer_of
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Layer
from lissom.image.layers import diff_id_of
from lissom.oci.digest import Digest
from lissom.rootfs.compress import Compression
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tree import Changeset
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store

GZIP = Compression()


@pytest.fixture
def snapshots(store: Store) -> Snapshots:
    return Snapshots(store, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)


def content(entry: Entry) -> bytes:
    assert entry.content is not None
    with entry.content.open() as stream:
        return stream.read()


def test_an_adopted_layer_is_a_tree_without_unpacking(store: Store, snapshots: Snapshots) -> None:
    layer = layer_of(store, {"etc/hosts": b"localhost", "bin/sh": "busybox"})
    delta = snapshots.adopt(layer)
    tree = snapshots.tree((delta,))
    assert set(tree) == {"", "bin", "bin/sh", "etc", "etc/hosts"}
    assert snapshots.unpacker.existing(delta) is None
    assert content(tree["etc/hosts"]) == b"localhost"
    assert snapshots.unpacker.existing(delta) is not None


def test_adopting_again_gives_the_same_delta(store: Store, snapshots: Snapshots) -> None:
    layer = layer_of(store, {"a": b"1"})
    assert snapshots.adopt(layer) == snapshots.adopt(layer) == snapshots.find(layer.diff_id.hex)


def test_a_false_claim_of_a_diff_id_harms_no_honest_layer(store: Store, snapshots: Snapshots) -> None:
    honest, other = layer_of(store, {"a": b"honest"}), layer_of(store, {"a": b"other"})
    liar = Layer(other.descriptor, honest.diff_id)
    snapshots.adopt(liar)
    delta = snapshots.adopt(honest)
    assert content(snapshots.tree((delta,))["a"]) == b"honest"
    assert snapshots.layer(delta, GZIP, None) == honest
    with pytest.raises(IntegrityError, match="diff ID"):
        snapshots.adopt(liar)


def test_a_false_claim_after_the_honest_layer_is_refused(store: Store, snapshots: Snapshots) -> None:
    honest, other = layer_of(store, {"a": b"honest"}), layer_of(store, {"a": b"other"})
    with store.open(honest.descriptor) as stream:
        delta = snapshots.ingest(honest, stream)
    with pytest.raises(IntegrityError, match="diff ID"):
        snapshots.adopt(Layer(other.descriptor, honest.diff_id))
    assert snapshots.layer(delta, GZIP, None) == honest


def test_adopting_a_layer_without_a_blob_is_refused(store: Store, snapshots: Snapshots) -> None:
    layer = layer_of(store, {"a": b"1"})
    store.path(layer.descriptor.digest).unlink()
    with pytest.raises(StoreError, match="its blob is not in the store"):
        snapshots.adopt(layer)


def test_a_layer_that_is_not_its_diff_id_is_refused(store: Store, snapshots: Snapshots) -> None:
    layer = replace(layer_of(store, {"a": b"1"}), diff_id=Digest.of(b"another"))
    delta = snapshots.adopt(layer)
    with pytest.raises(IntegrityError, match="diff ID"):
        snapshots.lowers((delta,))
    assert snapshots.unpacker.existing(delta) is None
    assert os.listdir(store.temporary) == []


def test_lowers_are_directories_bottom_first(store: Store, snapshots: Snapshots) -> None:
    chain = [snapshots.adopt(layer_of(store, {"etc/name": data, "etc/x": data * 2})) for data in (b"lower", b"upper")]
    paths = snapshots.lowers(chain)
    assert [(path / "etc" / "name").read_bytes() for path in paths] == [b"lower", b"upper"]
    assert snapshots.lowers(chain) == paths


def test_implicit_parents_take_the_attributes_of_the_lower_tree(store: Store, snapshots: Snapshots) -> None:
    lower = Changeset.of([Entry("srv", Kind.DIRECTORY, 0o700), Entry("srv/app", Kind.DIRECTORY, 0o750)])
    bare = {"srv/app/file": changeset_of({"srv/app/file": b"1"}).entries["srv/app/file"]}
    base, layer = snapshots.adopt(layer_of(store, lower)), snapshots.adopt(layer_of(store, Changeset(bare)))
    directory = snapshots.lowers((base, layer))[1]
    assert [(directory / p).stat().st_mode & 0o777 for p in ("srv", "srv/app")] == [0o700, 0o750]
    assert (directory / "srv/app/file").read_bytes() == b"1"
    tree = snapshots.tree((base, layer))
    assert (tree["srv"].mode, tree["srv/app"].mode) == (0o700, 0o750)
    other = snapshots.lowers((layer,))[0]
    assert other != directory
    assert (other / "srv").stat().st_mode & 0o777 == 0o755


def test_an_implicit_parent_that_is_a_link_below_is_resolved(store: Store, snapshots: Snapshots) -> None:
    base = snapshots.adopt(layer_of(store, {"usr/lib/a": b"a", "lib": "usr/lib"}))
    entry = changeset_of({"lib/b": b"b"}).entries["lib/b"]
    layer = snapshots.adopt(layer_of(store, Changeset({"lib/b": entry})))
    tree = snapshots.tree((base, layer))
    assert tree["lib"].kind is Kind.SYMLINK
    assert content(tree["usr/lib/b"]) == b"b"
    directory = snapshots.lowers((base, layer))[1]
    assert (directory / "usr/lib/b").read_bytes() == b"b"
    assert not (directory / "lib").exists()


def test_a_hard_link_to_a_lower_file_is_copied(store: Store, snapshots: Snapshots) -> None:
    base = snapshots.adopt(layer_of(store, {"bin/tool": b"tool"}))
    link = Entry("bin/alias", Kind.HARDLINK, link="bin/tool")
    layer = snapshots.adopt(layer_of(store, Changeset({"bin/alias": link})))
    assert content(snapshots.tree((base, layer))["bin/alias"]) == b"tool"
    directory = snapshots.lowers((base, layer))[1]
    assert (directory / "bin/alias").read_bytes() == b"tool"


def test_a_changeset_becomes_a_directory_or_a_layer(store: Store, snapshots: Snapshots) -> None:
    changeset = changeset_of({"app/main": b"main", "app/link": "main"})
    unpacked = snapshots.put_changeset(changeset, pack=None)
    packed = snapshots.put_changeset(changeset, pack=GZIP)
    assert unpacked.diff_id is None
    assert packed.diff_id is not None
    assert snapshots.layer(unpacked, GZIP, None) == snapshots.layer(packed, GZIP, None)
    assert content(snapshots.tree((packed,))["app/main"]) == content(snapshots.tree((unpacked,))["app/main"]) == b"main"
    assert snapshots.find(unpacked.id) == unpacked


def test_layers_are_packed_once_and_known_by_diff_id(store: Store, snapshots: Snapshots) -> None:
    delta = snapshots.put_changeset(changeset_of({"a": b"1" * 5000}), pack=None)
    layer = snapshots.layer(delta, GZIP, None)
    before = store.path(layer.descriptor.digest).stat().st_mtime_ns
    assert snapshots.layer(delta, GZIP, None) == layer
    assert store.path(layer.descriptor.digest).stat().st_mtime_ns == before
    again = snapshots.adopt(layer)
    assert again.diff_id == layer.diff_id
    assert snapshots.lowers((again,)) == snapshots.lowers((delta,))


def test_a_layer_from_outside_stays_as_it_is(store: Store, snapshots: Snapshots) -> None:
    layer = layer_of(store, {"a": b"1"}, Compression("none"))
    assert snapshots.layer(snapshots.adopt(layer), GZIP, 0) == layer


def test_times_are_clamped_on_request(store: Store, snapshots: Snapshots) -> None:
    delta = snapshots.put_changeset(changeset_of({"a": b"1"}), pack=None)
    clamped = snapshots.layer(delta, GZIP, 1000)
    assert clamped != snapshots.layer(delta, GZIP, None)
    assert snapshots.tree((snapshots.adopt(clamped),))["a"].mtime == 1000


def test_an_upper_directory_is_moved_into_the_store(store: Store, snapshots: Snapshots) -> None:
    with snapshots.workspace() as workspace:
        (workspace.upper / "new").write_bytes(b"new")
        inode = (workspace.upper / "new").stat().st_ino
        delta = snapshots.put_upper(workspace)
    assert os.listdir(store.temporary) == []
    (path,) = snapshots.lowers((delta,))
    assert (path / "new").stat().st_ino == inode
    assert content(snapshots.tree((delta,))["new"]) == b"new"
    assert not snapshots.shape(delta).empty


def test_an_untouched_upper_directory_is_empty(snapshots: Snapshots) -> None:
    with snapshots.workspace() as workspace:
        assert snapshots.shape(snapshots.put_upper(workspace)).empty


def test_a_layer_is_unpacked_while_it_arrives(store: Store, snapshots: Snapshots) -> None:
    layer = layer_of(store, {"a": b"1"})
    with store.path(layer.descriptor.digest).open("rb") as stream:
        data = stream.read()
    store.path(layer.descriptor.digest).unlink()
    import io

    delta = snapshots.ingest(layer, io.BytesIO(data))
    assert (snapshots.lowers((delta,))[0] / "a").read_bytes() == b"1"


def test_many_threads_and_stores_unpack_the_same_layer(store: Store) -> None:
    layer = layer_of(store, {f"d{n % 9}/f{n}": os.urandom(100) for n in range(500)})

    def work(_: int) -> Path:
        with Store.at(store.root) as opened:
            snapshots = Snapshots(opened, Ownership.KERNEL if os.geteuid() == 0 else Ownership.RECORDED)
            return snapshots.lowers((snapshots.adopt(layer),))[0]

    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(work, range(16)))
    assert len(paths) == 1
    assert sum(len(files) for _, _, files in os.walk(paths.pop())) == 500
    assert os.listdir(store.temporary) == []


def test_whiteouts_hide_what_is_below(
    store: Store, snapshots: Snapshots, layered: Callable[[], tuple[Layer, Layer]]
) -> None:
    lower, upper = layered()
    tree = snapshots.tree([snapshots.adopt(lower), snapshots.adopt(upper)])
    assert set(tree) == {"", "d", "e", "e/new"}


@pytest.fixture
def layered(store: Store) -> Callable[[], tuple[Layer, Layer]]:
    def make() -> tuple[Layer, Layer]:
        lower = layer_of(store, {"d/gone": b"1", "e/old": b"2"})
        change = changeset_of({"e/new": b"3"})
        return lower, layer_of(store, Changeset(change.entries, frozenset({"d/gone"}), frozenset({"e"})))

    return make


def test_a_layer_that_is_there_twice_is_one_directory_the_upper_one(store: Store, snapshots: Snapshots) -> None:
    twice = snapshots.adopt(layer_of(store, {"a": b"1"}))
    other = snapshots.adopt(layer_of(store, {"a": b"2", "b": b"2"}))
    lowers = snapshots.lowers([twice, other, twice])
    assert len(lowers) == 2
    assert (lowers[-1] / "a").read_bytes() == b"1"


def test_what_was_packed_is_found_by_its_diff_id_and_compression(snapshots: Snapshots) -> None:
    changeset, gzip = changeset_of({"etc/name": b"x" * 999}), Compression("gzip", 6)
    diff_id = diff_id_of(changeset, timestamp=5)
    assert snapshots.packed(diff_id, gzip) is None
    delta = snapshots.put_changeset(changeset, pack=gzip, timestamp=5)
    assert delta.diff_id == diff_id
    assert snapshots.packed(diff_id, gzip) == snapshots.layer(delta, gzip, 5)
    assert snapshots.packed(diff_id, Compression("gzip", 1)) is None
    assert snapshots.packed(diff_id, Compression("gzip")) is None
    snapshots.store.path(snapshots.layer(delta, gzip, 5).descriptor.digest).unlink()
    assert snapshots.packed(diff_id, gzip) is None
