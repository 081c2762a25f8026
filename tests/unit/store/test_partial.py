"""Blobs that arrive in pieces: resumed, verified, one process at a time, read along."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from lissom.errors import IntegrityError, RegistryError, StoreError
from lissom.events import Decision, Event
from lissom.image.image import read_blob
from lissom.store import partial
from lissom.store.gc import collect
from lissom.store.store import Store
from suites.images import blob_of

DATA = bytes(range(256)) * 5000
WANTED = blob_of(DATA)


def stream(data: bytes) -> BinaryIO:
    return io.BytesIO(data)


class Broken(io.RawIOBase):
    """Gives some bytes, then fails as a network does."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def read(self, size: int = -1, /) -> bytes:
        data, self.left = self.left[:1000], self.left[1000:]
        if not data:
            raise RegistryError("cannot go on")
        return data


def begin(store: Store, count: int) -> Path:
    """Leave ``count`` bytes of a blob behind."""
    with store.receiving(WANTED) as part, pytest.raises(RegistryError):
        part.receive(cast(BinaryIO, Broken(DATA[:count])))
    path = store.ingest.path(WANTED.digest)
    assert path.stat().st_size == count
    return path


def test_a_blob_that_comes_whole(store: Store) -> None:
    with store.receiving(WANTED) as part:
        assert (part.offset, part.there) == (0, False)
        part.receive(stream(DATA))
        assert part.there
    assert read_blob(store, WANTED) == DATA
    assert os.listdir(store.ingest.folder) == []
    assert store.path(WANTED.digest).stat().st_mode & 0o777 == 0o444


def test_an_empty_blob(store: Store) -> None:
    with store.receiving(blob_of(b"")) as part:
        part.receive(stream(b""))
    assert read_blob(store, blob_of(b"")) == b""


def test_a_part_that_somebody_cuts_short_ends_the_attempt(store: Store) -> None:
    path = begin(store, 70_000)
    with store.receiving(WANTED) as part:
        os.truncate(path, 10)
        with pytest.raises(IntegrityError, match="was cut short"):
            part.receive(stream(DATA[70_000:]))
    assert not path.exists()


def test_a_failure_keeps_what_came(store: Store) -> None:
    path = begin(store, 70_000)
    with store.receiving(WANTED) as part:
        assert part.offset == 70_000
        part.receive(stream(DATA[part.offset :]))
    assert read_blob(store, WANTED) == DATA
    assert not path.exists()


def test_all_bytes_are_there_but_the_process_was_killed(store: Store) -> None:
    store.ingest.path(WANTED.digest).write_bytes(DATA)
    with store.receiving(WANTED) as part:
        assert part.offset == WANTED.size
        part.receive(stream(b""))
    assert read_blob(store, WANTED) == DATA


@pytest.mark.parametrize(
    "given", [DATA + b"x", DATA[:-1], DATA[:-1] + b"?", b""], ids=["long", "short", "other", "nothing"]
)
def test_wrong_bytes_are_dropped(store: Store, given: bytes) -> None:
    with store.receiving(WANTED) as part:
        with pytest.raises(IntegrityError):
            part.receive(stream(given))
        assert part.offset == 0
        part.receive(stream(DATA))
    assert read_blob(store, WANTED) == DATA


def test_wrong_bytes_leave_nothing(store: Store) -> None:
    with store.receiving(WANTED) as part, pytest.raises(IntegrityError):
        part.receive(stream(b"wrong"))
    assert os.listdir(store.ingest.folder) == []
    assert not store.has(WANTED.digest)


@pytest.mark.parametrize("damage", [b"!" * 70_000, DATA + b"x" * 9], ids=["other", "long"])
def test_a_damaged_part_is_not_believed(store: Store, damage: bytes) -> None:
    begin(store, 70_000).write_bytes(damage)
    with store.receiving(WANTED) as part:
        if part.offset:
            with pytest.raises(IntegrityError):
                part.receive(stream(DATA[part.offset :]))
        assert part.offset == 0
        part.receive(stream(DATA))
    assert read_blob(store, WANTED) == DATA


def test_a_blob_that_was_cut_short_is_fetched_again(store: Store) -> None:
    path = store.path(WANTED.digest)
    path.write_bytes(DATA[:10])
    with store.receiving(WANTED) as part:
        assert not part.there
        part.receive(stream(DATA))
    assert read_blob(store, WANTED) == DATA


def test_who_comes_second_waits_and_finds_the_blob(store: Store, tmp_path: Path) -> None:
    events: list[Event] = []
    found: list[bool] = []

    def second() -> None:
        with Store.at(store.root) as other, other.receiving(WANTED, listener=events.append) as part:
            found.append(part.there)

    with store.receiving(WANTED) as part:
        thread = threading.Thread(target=second)
        thread.start()
        while not events:
            time.sleep(0.01)
        part.receive(stream(DATA))
    thread.join(10)
    assert found == [True]
    assert [type(event) for event in events] == [Decision]
    assert os.listdir(store.ingest.folder) == []


def test_who_waits_can_be_stopped(store: Store) -> None:
    waiting = store.receiving(WANTED, stopped=lambda: True)
    with store.receiving(WANTED), pytest.raises(StoreError, match="stopped"):
        waiting.__enter__()


def test_who_stands_still_is_overtaken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "_PATIENCE", 0.1)
    with store.receiving(WANTED) as first:
        with store.receiving(WANTED) as second:
            second.receive(stream(DATA))
        assert read_blob(store, WANTED) == DATA
        first.receive(stream(DATA))
    assert read_blob(store, WANTED) == DATA
    assert os.listdir(store.temporary) == os.listdir(store.ingest.folder) == []


def test_a_forked_child_does_not_keep_the_lock(store: Store) -> None:
    with store.receiving(WANTED) as part:
        copy = os.dup(part._file)
        with pytest.raises(RegistryError):
            part.receive(cast(BinaryIO, Broken(DATA[:5000])))
    try:
        with store.receiving(WANTED, stopped=lambda: True) as part:
            assert part.offset == 5000
    finally:
        os.close(copy)


def test_a_reader_follows_what_arrives(store: Store) -> None:
    begin(store, 300_000)
    read: list[bytes] = []

    class Slow(io.RawIOBase):
        at = 300_000

        def read(self, size: int = -1, /) -> bytes:
            time.sleep(0.002)
            data = DATA[self.at : self.at + 50_000]
            self.at += len(data)
            return data

    with store.receiving(WANTED) as part:
        following = part.follow()
        late = part.follow()
        thread = threading.Thread(target=lambda: read.append(following.read()))
        thread.start()
        part.receive(cast(BinaryIO, Slow()))
    thread.join(10)
    assert read == [DATA]
    assert late.read() == DATA, "its turn may come when the blob has long been there"


@pytest.mark.parametrize("given", [DATA[:-1], None], ids=["wrong", "cut"])
def test_a_reader_is_told_that_it_follows_in_vain(store: Store, given: bytes | None) -> None:
    with store.receiving(WANTED) as part:
        following = part.follow()
        with pytest.raises((IntegrityError, RegistryError)):
            part.receive(stream(given) if given else cast(BinaryIO, Broken(DATA[:5000])))
        with pytest.raises(StoreError, match="its transfer failed"):
            following.read()
        again = part.follow()
        part.receive(stream(DATA[part.offset :]))
        assert again.read() == DATA


def test_garbage_collection_frees_parts_that_nobody_completes(store: Store) -> None:
    path = begin(store, 70_000)
    assert collect(store).size == 0
    os.utime(path, (0, 0))
    assert collect(store).size >= 70_000
    assert not path.exists()


def test_garbage_collection_frees_parts_of_blobs_that_are_there(store: Store, image_of) -> None:
    image = image_of({"a": b"1"}, name="app:1")
    path = store.ingest.path(image.config.digest)
    path.write_bytes(b"{")
    collect(store)
    assert not path.exists()
