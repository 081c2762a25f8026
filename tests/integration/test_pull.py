"""``lissom pull`` as processes: killed, several at once, on a full disk, unpacking while layers arrive."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import changeset_of, layer_of
from lissom.image.image import Image
from lissom.image.validate import validate
from lissom.oci.document import MANIFEST
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.session import Session
from lissom.store.store import Store
from process import Lissom
from registry_server import Fault, Handler, RegistryServer

pytestmark = [pytest.mark.timeout(300)]

KILLS = int(os.environ.get("LISSOM_TEST_KILLS", "6"))
Sent = Counter[str]


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    made = RegistryServer()
    yield made
    made.stop()


@pytest.fixture
def lissom(tmp_path: Path) -> Lissom:
    (tmp_path / "here").mkdir()
    return Lissom(tmp_path / "store", tmp_path / "here")


@pytest.fixture
def image(tmp_path: Path, server: RegistryServer) -> Image:
    """``app:1`` in the registry: five layers, two of them of some megabytes that cannot be compressed."""
    noise = random.Random(7)
    with Store.at(tmp_path / "source") as store, Session() as session:
        files = [
            {"bin/sh": b"#!", "etc/passwd": b"root:x:0:0::/:/bin/sh\n"},
            {"data/big": noise.randbytes(5 << 20)},
            {f"lib/{number}": noise.randbytes(2000) for number in range(1000)},
            {"etc/passwd": b"other\n", "data/link": "big"},
            {"lib/3": b"three", "empty": None},
        ]
        layers = [layer_of(store, changeset_of(each)) for each in files]
        made = Image.make(layers, {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]}}, store)
        reference = Reference.parse(f"{server.host}/app:1")
        place = Registry(reference, session)
        for descriptor in (made.manifest.config, *made.manifest.layers):
            with store.open(descriptor) as stream:
                place.put(descriptor, stream)
        place.put_manifest(made.manifest.raw, MANIFEST, reference)
        return made


def trickled(sent: Sent, rate: float, *, pulls: int = 1) -> Fault:
    """The right bytes, of a range too, no more than ``rate`` a second; counted as they go. Begins with ``pulls``."""

    def fault(handler: Handler) -> None:
        while len(handler.server.asked("GET", "/manifests/")) < pulls:
            time.sleep(0.01)
        digest = handler.path.rpartition("/")[2]
        data = handler.server.state.blobs[digest]
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
        start, end = (int(asked[1]), int(asked[2] or len(data) - 1) + 1) if asked else (0, len(data))
        handler.send_response(206 if asked else 200)
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        handler.send_header("Content-Length", str(end - start))
        handler.end_headers()
        with suppress(OSError):
            for at in range(start, end, 1 << 16):
                piece = data[at : min(end, at + (1 << 16))]
                handler.wfile.write(piece)
                sent[digest] += len(piece)
                time.sleep(len(piece) / rate)
        handler.close_connection = True

    return fault


def whole(lissom: Lissom, server: RegistryServer, image: Image) -> None:
    """The image is there as it was sent, nothing is left over, and its digest is what is printed."""
    with Store.at(lissom.root) as store:
        found = store.image(store.resolve(f"{server.host}/app:1"))
        assert found.manifest == image.manifest
        validate(found)
        assert os.listdir(store.ingest.folder) == []


def test_killed_pulls_go_on_from_the_bytes_that_came(lissom: Lissom, server: RegistryServer, image: Image) -> None:
    sent: Sent = Counter()
    server.fail("GET", "/blobs/", trickled(sent, 4e6), times=10_000)
    chance = random.Random(11)
    for _ in range(KILLS):
        process = lissom.start("pull", f"{server.host}/app:1")
        enough = sum(sent.values()) + chance.randrange(1 << 20)
        while process.poll() is None and sum(sent.values()) <= enough:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert lissom("images").code == 0
    done = lissom("pull", f"{server.host}/app:1")
    assert (done.code, done.out) == (0, "DIGEST\n"), done
    whole(lissom, server, image)
    big = max(image.manifest.layers, key=lambda layer: layer.size).digest
    ranges = [seen.headers.get("Range", "bytes=0-") for seen in server.asked("GET", big)]
    starts = [int(text[6:].partition("-")[0]) for text in ranges]
    assert len(starts) >= KILLS // 2
    assert starts == sorted(starts)
    # Only what was in sockets and memory when a process died comes twice.
    assert sum(sent.values()) < sum(blob.size for blob in (image.manifest.config, *image.manifest.layers)) * 2


def test_two_at_once_fetch_each_blob_once(lissom: Lissom, server: RegistryServer, image: Image) -> None:
    sent: Sent = Counter()
    server.fail("GET", "/blobs/", trickled(sent, 6e6, pulls=2), times=10_000)
    both = [
        lissom.start("--progress", "plain", "pull", f"{server.host}/app:1", stderr=subprocess.PIPE) for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    whole(lissom, server, image)
    assert sent == {blob.digest: blob.size for blob in (image.manifest.config, *image.manifest.layers)}
    assert any("another lissom fetches it: waiting for that" in text for text in told)


@pytest.mark.parametrize("damage", [b"!" * 3000, b""], ids=["other", "none"])
def test_parts_that_are_damaged_are_fetched_again(
    lissom: Lissom, server: RegistryServer, image: Image, damage: bytes
) -> None:
    with Store.at(lissom.root) as store:
        for layer in image.manifest.layers:
            store.ingest.path(layer.digest).write_bytes(damage)
    assert lissom("pull", f"{server.host}/app:1").code == 0
    whole(lissom, server, image)


def test_a_blob_that_was_damaged_in_the_store_comes_again(lissom: Lissom, server: RegistryServer, image: Image) -> None:
    assert lissom("pull", f"{server.host}/app:1").code == 0
    with Store.at(lissom.root) as store:
        path = store.path(image.manifest.layers[1].digest)
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:1000])
    assert lissom("pull", f"{server.host}/app:1").code == 0
    whole(lissom, server, image)


def test_what_is_here_takes_one_request(lissom: Lissom, server: RegistryServer, image: Image) -> None:
    assert lissom("pull", f"{server.host}/app:1").code == 0
    server.state.seen.clear()
    assert lissom("pull", "-q", f"{server.host}/app:1") == lissom("pull", "-q", f"{server.host}/app:1")
    asked = [seen for seen in server.state.seen if seen.path != "/v2/"]
    assert [(seen.method, seen.path) for seen in asked] == [("GET", "/v2/app/manifests/1")] * 2


def tree(lissom: Lissom) -> dict[str, list[tuple[object, ...]]]:
    """All unpacked layers, by delta."""
    folder = lissom.root / "lissom" / "snapshots"
    return {
        path.parent.name: [_described(path, found) for found in sorted(path.rglob("*"))]
        for path in folder.glob("*/tree")
    }


def _described(root: Path, path: Path) -> tuple[object, ...]:
    status = path.lstat()
    content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return str(path.relative_to(root)), status.st_mode, status.st_uid, status.st_gid, int(status.st_mtime), content


def test_unpacking_while_layers_arrive_is_unpacking_afterwards(
    lissom: Lissom, server: RegistryServer, image: Image, tmp_path: Path
) -> None:
    later = Lissom(tmp_path / "later", lissom.here)
    assert later("pull", f"{server.host}/app:1").code == 0
    assert tree(later) == {}
    server.state.seen.clear()
    assert later("pull", "--unpack", f"{server.host}/app:1").code == 0
    assert not server.asked("GET", "/blobs/")
    sent: Sent = Counter()
    server.fail("GET", "/blobs/", trickled(sent, 8e6), times=10_000)
    assert lissom("pull", "--unpack", f"{server.host}/app:1").code == 0
    assert len(tree(lissom)) == len(image.manifest.layers)
    assert tree(lissom) == tree(later)
    whole(lissom, server, image)


def test_who_gave_what_is_told(lissom: Lissom, server: RegistryServer, image: Image, tmp_path: Path) -> None:
    told = lissom("pull", "-v", "-j", "2", f"{server.host}/app:1")
    assert told.out == "DIGEST\n"
    assert re.search(rf"^SERVED BY +BLOBS +BYTES +TIME +RATE\n{server.host} +6 +", told.raw_err, re.MULTILINE)
    other = Lissom(tmp_path / "other", lissom.here)
    done = subprocess.run(
        other.command("pull", "--json", f"{server.host}/app:1"),
        capture_output=True,
        check=True,
        env=other.environment(),
    )
    document = json.loads(done.stdout)
    (source,) = document["sources"]
    sizes = sum(blob.size for blob in (image.manifest.config, *image.manifest.layers))
    assert (source["host"], source["mirror"], source["blobs"], source["bytes"]) == (server.host, False, 6, sizes)
    assert (document["blobsMoved"], document["bytesMoved"]) == (6, sizes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unpack", "--all-platforms"], "cannot use --unpack with --all-platforms"),
        (["-j", "0"], "0 is not in the range 1<=x<=64"),
    ],
    ids=["unpack-all", "no-jobs"],
)
def test_wrong_flags_are_refused(lissom: Lissom, arguments: list[str], message: str) -> None:
    failed = lissom("pull", *arguments, "localhost:1/app:1")
    assert failed.code == 2
    assert message in failed.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "lissom-test", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
def test_a_full_disk_is_told_and_what_came_is_used_afterwards(
    lissom: Lissom, server: RegistryServer, image: Image, small_disk: Path
) -> None:
    full = Lissom(small_disk / "store", lissom.here)
    failed = full("pull", f"{server.host}/app:1")
    assert failed.code == 5
    assert "No space left on device" in failed.err
    assert "hint: `lissom gc" in failed.err
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    server.state.seen.clear()
    assert full("pull", f"{server.host}/app:1").code == 0
    whole(full, server, image)
    assert any("Range" in seen.headers for seen in server.asked("GET", "/blobs/"))


def test_a_layer_that_lies_about_its_content_is_not_unpacked(
    lissom: Lissom, server: RegistryServer, tmp_path: Path, image: Image
) -> None:
    config = json.loads(image.config.raw)
    config["rootfs"]["diff_ids"][1] = config["rootfs"]["diff_ids"][0]
    raw = json.dumps(config).encode()
    manifest = json.loads(image.manifest.raw)
    manifest["config"] |= {"digest": server.hold("app", raw), "size": len(raw)}
    server.state.manifests["app", "1"] = (MANIFEST, json.dumps(manifest).encode())
    failed = lissom("pull", "--unpack", f"{server.host}/app:1")
    assert failed.code == 5
    assert "its diff ID is" in failed.err
    assert lissom("images", "-q").out == ""
