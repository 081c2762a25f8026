"""The base images of the suite, written byte by byte with the standard library.

``busy:1``    busybox, its applets hard links, the files every base has
``merged:1``  the same with /bin, /sbin and /lib links into /usr, as Debian has them
``rich:1``    busy:1 with a config full of things to inherit
``trigger:1`` busy:1 with ONBUILD triggers
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

EPOCH = 1_700_000_000
PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "daemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
    "www-data:x:33:33:www-data:/var/www:/bin/false\n"
    "app:x:1000:1000:an app:/home/app:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
)
GROUP = "root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nstaff:x:50:app\nextra:x:60:app,daemon\napp:x:1000:\nnogroup:x:65534:\n"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Base:
    name: str
    layers: tuple[bytes, ...]
    config: dict[str, object]

    @property
    def diff_ids(self) -> list[str]:
        return [digest(layer) for layer in self.layers]


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def busybox() -> Path | None:
    """Debian's busybox-static, or None."""
    for candidate in ("/bin/busybox", "/usr/bin/busybox"):
        path = Path(candidate)
        if (
            path.exists()
            and b"statically linked"
            in subprocess.run(
                ["file", "-L", candidate] if shutil.which("file") else ["echo", "statically linked"],
                capture_output=True,
                check=True,
            ).stdout
        ):
            return path
    return None


class Tar:
    """A tar file whose entries all have the same date."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.buffer, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (closed by done)

    def add(self, name: str, kind: bytes, mode: int, *, data: bytes = b"", link: str = "", owner: int = 0) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.size, info.linkname, info.mtime = kind, mode, len(data), link, EPOCH
        info.uid = info.gid = owner
        self.tar.addfile(info, io.BytesIO(data))

    def directory(self, name: str, mode: int = 0o755, owner: int = 0) -> None:
        self.add(name, tarfile.DIRTYPE, mode, owner=owner)

    def file(self, name: str, data: bytes, mode: int = 0o644, owner: int = 0) -> None:
        self.add(name, tarfile.REGTYPE, mode, data=data, owner=owner)

    def done(self) -> bytes:
        self.tar.close()
        return self.buffer.getvalue()


def root_layer(*, merged: bool) -> bytes:
    program = busybox()
    assert program is not None
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    tar = Tar()
    for name in ("bin", "sbin", "lib"):
        if merged:
            tar.directory(f"usr/{name}") if name != "bin" else tar.directory("usr")
    if merged:
        tar.directory("usr/bin")
        for name in ("bin", "lib", "sbin"):
            tar.add(name, tarfile.SYMTYPE, 0o777, link=f"usr/{name}")
    else:
        for name in ("bin", "lib", "sbin", "usr", "usr/bin"):
            tar.directory(name)
    binaries = "usr/bin" if merged else "bin"
    tar.file(f"{binaries}/busybox", program.read_bytes(), 0o755)
    for applet in sorted(set(applets) - {"busybox"}):
        tar.add(f"{binaries}/{applet}", tarfile.LNKTYPE, 0o755, link=f"{binaries}/busybox")
    tar.file("lib/libbase.so.1" if not merged else "usr/lib/libbase.so.1", b"not a library\n", 0o755)
    tar.directory("dev")
    tar.directory("etc")
    tar.file("etc/passwd", PASSWD.encode())
    tar.file("etc/group", GROUP.encode())
    tar.file("etc/hostname", b"base\n")
    tar.directory("home")
    tar.directory("home/app", 0o755, 1000)
    tar.file("home/app/.profile", b"umask 022\n", owner=1000)
    tar.directory("proc", 0o555)
    tar.directory("root", 0o700)
    tar.directory("sys", 0o555)
    tar.directory("tmp", 0o1777)
    tar.directory("usr/local")
    tar.directory("usr/local/bin")
    tar.directory("var")
    tar.directory("var/www", 0o2775, 33)
    return tar.done()


def data_layer() -> bytes:
    """A second layer: a tree to copy from, delete in and write over."""
    tar = Tar()
    tar.directory("data")
    tar.file("data/one", b"one\n")
    tar.file("data/two", b"two\n", 0o600)
    tar.directory("data/sub")
    tar.file("data/sub/three", b"three\n", 0o4755)
    tar.file("data/sub/four", b"four\n", owner=1000)
    tar.add("data/link", tarfile.SYMTYPE, 0o777, link="one")
    tar.add("data/dirlink", tarfile.SYMTYPE, 0o777, link="sub")
    tar.add("data/dangling", tarfile.SYMTYPE, 0o777, link="/nowhere/at/all")
    tar.file("data/hard-a", b"hard\n")
    tar.add("data/hard-b", tarfile.LNKTYPE, 0o644, link="data/hard-a")
    tar.directory("data/empty", 0o750, 1000)
    return tar.done()


RICH: dict[str, object] = {
    "User": "app",
    "Env": [PATH, "BASE=from-base", "OVERRIDE=base", "SPACED=a b"],
    "Entrypoint": ["/bin/sh", "-c"],
    "Cmd": ["echo base"],
    "WorkingDir": "/srv/app",
    "Labels": {"base": "yes", "override": "base"},
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGINT",
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5_000_000_000, "Retries": 2},
}


def bases() -> tuple[Base, ...]:
    plain = {"Env": [PATH], "Cmd": ["sh"]}
    layers = (root_layer(merged=False), data_layer())
    triggers = ["RUN echo one > /onbuild-one", "COPY . /onbuild-copy/", "ENV ONBUILD_ENV=set", "LABEL trigger=fired"]
    return (
        Base("busy:1", layers, plain),
        Base("merged:1", (root_layer(merged=True), data_layer()), plain),
        Base("rich:1", layers, RICH),
        Base("trigger:1", layers, {**plain, "OnBuild": triggers}),
    )


def document(base: Base) -> bytes:
    history = [
        {"created": "2023-11-14T22:13:20Z", "created_by": "ADD rootfs.tar / # buildkit"},
        {"created": "2023-11-14T22:13:20Z", "created_by": 'CMD ["sh"]', "empty_layer": True},
        {"created": "2023-11-14T22:13:20Z", "created_by": "COPY data /data # buildkit"},
    ]
    return json.dumps(
        {
            "created": "2023-11-14T22:13:20Z",
            "author": "the suite",
            "architecture": "amd64",
            "os": "linux",
            "config": base.config,
            "rootfs": {"type": "layers", "diff_ids": base.diff_ids},
            "history": history,
        },
        sort_keys=True,
    ).encode()


def write_docker_archive(path: Path, images: tuple[Base, ...]) -> None:
    tar, index, written = Tar(), [], set()
    for base in images:
        config = document(base)
        names = [f"{item[7:]}/layer.tar" for item in base.diff_ids]
        for name, layer in zip(names, base.layers, strict=True):
            if name not in written:
                tar.file(name, layer)
                written.add(name)
        tar.file(f"{digest(config)[7:]}.json", config)
        index.append({"Config": f"{digest(config)[7:]}.json", "RepoTags": [base.name], "Layers": names})
    tar.file("manifest.json", json.dumps(index).encode())
    path.write_bytes(tar.done())


def write_oci_layout(directory: Path, images: tuple[Base, ...]) -> None:
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes, media_type: str) -> dict[str, object]:
        (blobs / digest(data)[7:]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    manifests = []
    for base in images:
        layers = [
            put(gzip.compress(layer, 1, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
            for layer in base.layers
        ]
        config = put(document(base), "application/vnd.oci.image.config.v1+json")
        body = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}
        manifest = put(
            json.dumps({**body, "config": config, "layers": layers}).encode(),
            "application/vnd.oci.image.manifest.v1+json",
        )
        manifests.append({**manifest, "annotations": {"org.opencontainers.image.ref.name": base.name}})
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))
