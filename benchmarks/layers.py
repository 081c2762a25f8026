"""Pack and unpack layers against GNU tar with gzip, and umoci where it is installed. Prints seconds and ratios.

Usage: python benchmarks/layers.py [DIRECTORY]; without one a tree of 20,000 small files is made. Run it as root.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lissom.image.layers import pack
from lissom.oci.digest import Digest
from lissom.rootfs.compress import Compression
from lissom.rootfs.disk import extract, read_upper


class FileWriter:
    """Writes a blob to a file and hashes it, as a store does."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes, /) -> object:
        self.sha256.update(data)
        self.size += len(data)
        return self.file.write(data)

    def commit(self) -> tuple[Digest, int]:
        self.file.close()
        return Digest("sha256:" + self.sha256.hexdigest()), self.size


class Verified(io.FileIO):
    """Reads a blob and hashes it on the way."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sha256 = hashlib.sha256()

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.sha256.update(data)
        return data


def small_files(directory: Path) -> None:
    for number in range(20_000):
        path = directory / f"{number // 100}" / f"{number % 100}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(64) * (1 + number % 60))


def best(action: Callable[[], object], reset: Callable[[], object] = lambda: None, rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        reset()
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lissom-bench-") as name:
        work = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else work / "source"
        if len(sys.argv) == 1:
            source.mkdir()
            small_files(source)
        blob = work / "layer"
        targets: list[Path] = []

        def fresh() -> None:
            """A new directory each time: ext4 is slow to hand out inodes that were freed a moment ago."""
            targets.append(work / f"target{len(targets)}")
            targets[-1].mkdir()

        def packed(text: str) -> None:
            pack(read_upper(source, origin="source"), FileWriter(blob), compression=Compression.parse(text))

        def unpacked() -> None:
            with Verified(blob) as stream:
                extract(stream, targets[-1], origin="layer", overlay=True, tap=hashlib.sha256().update)

        theirs = best(lambda: subprocess.run(["tar", "-czf", work / "theirs", "-C", source, "."], check=True))
        size = (work / "theirs").stat().st_size
        print(f"pack    GNU tar -z  {theirs:6.2f} s  {size >> 20:5} MiB")
        for text in ("zstd", "gzip:6", "gzip:1", "gzip:2", "gzip"):
            seconds = best(lambda text=text: packed(text))
            print(f"pack    {text:11} {seconds:6.2f} s  {blob.stat().st_size >> 20:5} MiB  {theirs / seconds:4.1f}x")
        untar = ["tar", "-xzpf", work / "theirs", "-C"]
        theirs = best(lambda: subprocess.run([*untar, targets[-1]], check=True), fresh)
        print(f"unpack  GNU tar -z  {theirs:6.2f} s  (nothing verified)")
        seconds = best(unpacked, fresh)
        print(f"unpack  lissom      {seconds:6.2f} s  (digest and diff ID)  {theirs / seconds:4.1f}x as fast")


if __name__ == "__main__":
    main()
