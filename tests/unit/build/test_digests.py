"""Remembered digests are trusted only while stat says that the file is the same and was at rest."""

import hashlib
import os
import time
from pathlib import Path

from lissom.build.digests import FileDigests
from lissom.rootfs.entry import Entry, HostFile, Inline, Kind


def entry(path: Path) -> Entry:
    return Entry(path.name, Kind.FILE, size=path.stat().st_size, content=HostFile(path))


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    assert FileDigests(tmp_path / "memory").of([entry(tmp_path / "a")]) == {"a": sha(b"one")}


def test_large_files_are_hashed_side_by_side(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode() * (5 << 20))
    found = FileDigests(tmp_path / "memory").of([entry(tmp_path / name) for name in "ab"])
    assert found == {name: sha(name.encode() * (5 << 20)) for name in "ab"}


def test_content_at_hand_needs_no_file(tmp_path: Path) -> None:
    made = Entry("a", Kind.FILE, size=3, content=Inline(b"one"))
    assert FileDigests(tmp_path / "memory").of([made]) == {"a": sha(b"one")}


def test_a_file_at_rest_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    time.sleep(2.1)
    first = FileDigests(tmp_path / "memory")
    first.of([entry(path)])
    first.save()
    made = entry(path)
    path.chmod(0)
    state = path.stat()
    # The memory is keyed by what stat says, ctime included: chmod alone makes the next build read again.
    assert str(state.st_ino) in (tmp_path / "memory").read_text()
    path.chmod(0o644)
    assert FileDigests(tmp_path / "memory").of([made]) == {"a": sha(b"one")}


def test_a_change_of_the_same_size_and_mtime_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    os.utime(path, ns=(10**18, 10**18))
    first = FileDigests(tmp_path / "memory")
    first.of([entry(path)])
    first.save()
    path.write_bytes(b"two")
    os.utime(path, ns=(10**18, 10**18))
    assert FileDigests(tmp_path / "memory").of([entry(path)]) == {"a": sha(b"two")}


def test_a_damaged_memory_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("{")
    (tmp_path / "a").write_bytes(b"one")
    assert FileDigests(tmp_path / "memory").of([entry(tmp_path / "a")]) == {"a": sha(b"one")}
