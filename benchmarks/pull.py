"""How long a pull of a 500 MB image from a local docker-registry takes: lissom, skopeo, docker.

    python benchmarks/pull.py [MEGABYTES]

Prints wall time, CPU time and the ratio to lissom for each program that is installed; the best of three runs.
docker is measured only when a daemon answers.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from isal import igzip

from lissom.image.image import Image, Layer, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, MANIFEST, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session

LAYERS = 6
RUNS = 3


def tar_of(name: str, size: int) -> bytes:
    """A tar with one file of ``size`` bytes that compresses about 3:1, as programs do."""
    import io
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = size
        block = os.urandom(1 << 16) + bytes(1 << 17)
        tar.addfile(info, io.BytesIO((block * (size // len(block) + 1))[:size]))
    return out.getvalue()


def publish(host: str, megabytes: int) -> int:
    reference = Reference.parse(f"{host}/bench:1")
    moved = 0
    with Session() as session:
        place, layers = Registry(reference, session), []
        for number in range(LAYERS):
            tar = tar_of(f"file{number}", megabytes * 1_000_000 // LAYERS)
            packed = igzip.compress(tar, 1)
            descriptor = Descriptor(LAYER_GZIP, Digest.of(packed), len(packed))
            put_bytes(place, descriptor, packed)
            layers.append(Layer(descriptor, Digest.of(tar)))
            moved += len(packed)
        image = Image.make(layers, {"architecture": "amd64", "os": "linux"}, place)
        place.put_manifest(image.manifest.raw, MANIFEST, reference)
    return moved


def measure(command: list[str], before: list[str] | None, target: Path) -> tuple[float, float] | None:
    best: tuple[float, float] | None = None
    for _ in range(RUNS):
        shutil.rmtree(target, ignore_errors=True)
        if before:
            subprocess.run(before, capture_output=True, check=False)
        os.sync()
        usage, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return None
        wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
        best = min(best or (wall, cpu), (wall, cpu))
    return best


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{probe.getsockname()[1]}"
        (folder / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
            f"http: {{addr: {host}}}\n"
        )
        quiet = subprocess.DEVNULL
        registry = subprocess.Popen(
            ["docker-registry", "serve", str(folder / "registry.yml")], stdout=quiet, stderr=quiet
        )
        try:
            time.sleep(2)
            moved = publish(host, megabytes)
            print(f"{megabytes} MB in {LAYERS} layers, {moved / 1e6:.0f} MB compressed")
            name, target = f"{host}/bench:1", folder / "out"
            lissom = [sys.executable, "-m", "lissom", "--root", str(target), "--progress", "quiet", "pull", name]
            skopeo = ["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{name}", f"oci:{target}:1"]
            runs = {
                "lissom pull": (lissom, None),
                "skopeo copy to oci:": (skopeo, None),
                "docker pull": (["docker", "pull", "-q", name], ["docker", "rmi", "-f", name]),
            }
            base = None
            for label, (command, before) in runs.items():
                found = measure(command, before, target) if shutil.which(command[0]) else None
                if found is None:
                    print(f"{label:22} not available")
                    continue
                base = base or found
                print(f"{label:22} {found[0]:6.2f} s wall  {found[1]:6.2f} s CPU  x{found[0] / base[0]:.2f}")
        finally:
            registry.terminate()
            registry.wait()


if __name__ == "__main__":
    main()
