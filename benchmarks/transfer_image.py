"""An image as real ones are, made of this machine's own files: large layers below, small ones on top.

python benchmarks/transfer_image.py HOST:PORT MEGABYTES
"""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from isal import igzip

from lissom.image.image import Image, Layer, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, MANIFEST, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session

# Shares of the whole, bottom first: sixteen layers, as a base, a runtime, its packages and an app make them.
SHARES = (24, 18, 14, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1, 1, 0.6, 0.4)
FOLDERS = ("/usr/lib", "/usr/bin", "/usr/share")
LARGEST = 32 << 20


def publish(host: str, megabytes: int) -> tuple[int, int]:
    """Push ``bench:1``, and ``bench:2`` with another topmost layer; gives files and compressed bytes of the first."""
    files, limit, layers = host_files(), megabytes * 1_000_000, list[Layer]()
    count = 0
    with Session() as session:
        first, second = Reference.parse(f"{host}/bench:1"), Reference.parse(f"{host}/bench:2")
        place = Registry(first, session)
        for share in SHARES:
            tar, members = tar_of(files, int(limit * share / sum(SHARES)))
            layers.append(put_layer(place, tar))
            count += members
        name_image(place, layers, first)
        name_image(place, [*layers[:-1], put_layer(place, tar_of(files, 4_000_000)[0])], second)
    return count, sum(layer.descriptor.size for layer in layers)


def host_files() -> Iterator[Path]:
    """Regular files of this machine, always in the same order; large and small ones, libraries and texts are mixed."""
    found = ((Path(folder), names) for top in FOLDERS for folder, _, names in os.walk(top))
    for folder, names in sorted(found, key=lambda pair: zlib.crc32(os.fsencode(pair[0]))):
        for path in sorted(folder / name for name in names):
            if not path.is_symlink() and path.is_file() and path.stat().st_size <= LARGEST:
                yield path


def tar_of(files: Iterator[Path], size: int) -> tuple[bytes, int]:
    """A tar of the next files, about ``size`` bytes of them, and their number."""
    out, folders, held, count = io.BytesIO(), set[str](), 0, 0
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        while held < size and (path := next(files, None)):
            for parent in reversed(path.parents):
                if parent != Path("/") and str(parent) not in folders:
                    folders.add(str(parent))
                    tar.add(parent, str(parent).lstrip("/"), recursive=False, filter=plain)
            data = path.read_bytes()
            info = tar.gettarinfo(path, str(path).lstrip("/"))
            info.type, info.size = tarfile.REGTYPE, len(data)
            tar.addfile(plain(info), io.BytesIO(data))
            held += len(data)
            count += 1
    return out.getvalue(), count


def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whole seconds, as builders write: parts of them would take a header more."""
    info.mtime = int(info.mtime)
    return info


def put_layer(place: Registry, tar: bytes) -> Layer:
    packed = igzip.compress(tar, 2)
    descriptor = Descriptor(LAYER_GZIP, Digest.of(packed), len(packed))
    put_bytes(place, descriptor, packed)
    return Layer(descriptor, Digest.of(tar))


def name_image(place: Registry, layers: list[Layer], reference: Reference) -> None:
    image = Image.make(layers, {"architecture": "amd64", "os": "linux"}, place)
    place.put_manifest(image.manifest.raw, MANIFEST, reference)


if __name__ == "__main__":
    number, packed = publish(sys.argv[1], int(sys.argv[2]))
    print(f"{sys.argv[2]} MB in {len(SHARES)} layers, {number} files, {packed / 1e6:.0f} MB compressed")
