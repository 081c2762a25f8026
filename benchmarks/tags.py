"""What ten thousand names in a store cost: commands there against the same in a store of one image.

    python benchmarks/tags.py [--count N] [--runs N] [--json FILE]

Three stores: ``one`` image of one name, ``tags`` of one image with N names, ``images`` of N images that share seven of
eight layers. Commands run in turns; a row shows the median of wall and processor seconds in ``one``, and how many more
it takes in the others. ``pull`` fetches from loopback an image of which one small layer is missing.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
COMMANDS = {
    "images": ["images"],
    "images -q": ["images", "-q"],
    "images --json": ["images", "--json"],
    "images PATTERN": ["images", "registry.example/team3/*"],
    "tag": ["tag", "registry.example/team0/app0:v0", "new:{run}"],
    "rm": ["rm", "new:{run}"],
    "inspect": ["inspect", "registry.example/team0/app0:v0"],
    "pull": ["pull", "{host}/app:{run}"],
    "pull again": ["pull", "{host}/app:{run}"],
}


class Blobs:
    """Images as blobs by digest, eight layers each; all but the last are the same in all."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}
        self._shared = [tar(f"shared/{number}", b"%d" % number * 50_000) for number in range(7)]

    def put(self, data: bytes, media_type: str) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        self.found[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def image(self, name: str) -> dict[str, object]:
        tars = [*self._shared, tar("own", name.encode())]
        config = {
            "created": f"2024-01-01T00:00:00.{len(self.found):09d}Z",
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/bin/app"], "Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(t).hexdigest() for t in tars]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.put(json.dumps(config).encode(), CONFIG),
            "layers": [self.put(gzip.compress(t, 1, mtime=0), LAYER) for t in tars],
        }
        return self.put(json.dumps(manifest).encode(), MANIFEST)


def tar(path: str, data: bytes) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as file:
        entry = tarfile.TarInfo(path)
        entry.size = len(data)
        file.addfile(entry, io.BytesIO(data))
    return raw.getvalue()


def fill(root: Path, names: int, images: int) -> None:
    """A store as a layout on disk, which is what lissom's is; lissom makes its own things when it first looks."""
    blobs = Blobs()
    made = [blobs.image(str(number)) for number in range(images)]
    (root / "blobs" / "sha256").mkdir(parents=True)
    for digest, data in blobs.found.items():
        (root / "blobs" / "sha256" / digest.removeprefix("sha256:")).write_bytes(data)
    entries = []
    for number in range(names):
        name = f"registry.example/team{number % 50}/app{number % 500}:v{number}"
        annotations = {"org.opencontainers.image.ref.name": name, "io.containerd.image.name": name}
        entries.append({**made[number % images], "annotations": annotations})
    (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))


class Registry(ThreadingHTTPServer):
    """``app:N`` for every N that is asked for, each with a last layer of its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.blobs = Blobs()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        _, kind, name = self.path.rpartition("/manifests/") if "/manifests/" in self.path else self.path.rpartition("/")
        blobs, body, media_type = self.server.blobs, b"{}", "application/json"
        if kind == "/manifests/":
            digest = name if name.startswith("sha256:") else str(blobs.image(f"pulled {name}")["digest"])
            body, media_type = blobs.found[digest], MANIFEST
        elif "/blobs/" in self.path:
            body = blobs.found[name]
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def timed(root: Path, words: list[str]) -> tuple[float, float]:
    """Seconds of wall and of processor time."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [Path(sys.executable).with_name("lissom"), "--root", root, "--progress", "quiet", *words],
        capture_output=True,
        check=False,
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"lissom {' '.join(words)} failed:\n{done.stderr.decode()}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lissom-tags-"))
    try:
        stores = {"one": (1, 1), "tags": (given.count, 1), "images": (given.count, given.count)}
        for name, (names, images) in stores.items():
            fill(folder / name, names, images)
            print(f"first `images` in {name}: {timed(folder / name, ['images'])[0]:.2f} s")
        found = measure(folder, list(stores), given.runs, f"127.0.0.1:{Registry().server_port}")
    finally:
        shutil.rmtree(folder)
    print(f"\n{'':16}" + "".join(f"{name:>20}" for name in stores) + "   (wall, cpu; seconds)")
    for command, row in found.items():
        base = row["one"]
        cells = [f"{base[0]:.3f}  {base[1]:.3f}"]
        cells += [f"{row[name][0] - base[0]:+.3f} {row[name][1] - base[1]:+.3f}" for name in list(stores)[1:]]
        print(f"{command:16}" + "".join(f"{cell:>20}" for cell in cells))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2))


def measure(folder: Path, stores: list[str], runs: int, host: str) -> dict[str, dict[str, tuple[float, float]]]:
    found = {}
    for command, words in COMMANDS.items():
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in stores}
        for run in range(runs):
            for name in stores:
                said = [word.format(run=run, host=host) for word in words]
                times[name].append(timed(folder / name, said))
        found[command] = {
            name: tuple(statistics.median(column) for column in zip(*each, strict=True)) for name, each in times.items()
        }
    return found


if __name__ == "__main__":
    os.environ.pop("LISSOM_ROOT", None)
    main()
