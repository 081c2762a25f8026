"""What the fault tests share: an image whose every byte is known, a registry that has it, lissom with little patience."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
import random
import tarfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from lissom.oci.document import LAYER_GZIP, MANIFEST
from lissom.oci.reference import Reference
from lissom.store.store import Store
from process import Lissom, Result

CONFIG = "application/vnd.oci.image.config.v1+json"
_PATIENCE = "connect-deadline = 1\nstall-deadline = 1\nlongest-wait = 3\nattempts = {attempts}\n"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Known:
    """An image: its manifest, and the bytes of its blobs by digest, the config among them."""

    manifest: bytes
    blobs: Mapping[str, bytes]

    @classmethod
    def of(cls, sizes: tuple[int, ...], seed: int) -> Known:
        """Layers of about so many bytes each, which nothing can compress."""
        chance = random.Random(seed)
        tars = [_tar(f"data/{number}", chance.randbytes(size)) for number, size in enumerate(sizes)]
        layers = [gzip.compress(tar, 1, mtime=0) for tar in tars]
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]},
            }
        ).encode()
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [_descriptor(LAYER_GZIP, layer) for layer in layers],
        }
        return cls(json.dumps(document).encode(), {digest_of(blob): blob for blob in (config, *layers)})

    @cached_property
    def digest(self) -> str:
        return digest_of(self.manifest)

    @cached_property
    def largest(self) -> str:
        return max(self.blobs, key=lambda digest: len(self.blobs[digest]))

    @cached_property
    def size(self) -> int:
        """Bytes of all blobs."""
        return sum(map(len, self.blobs.values()))

    def put(self, host: str, repository: str, tag: str = "1") -> None:
        """Put it into a registry, without lissom."""
        for digest, blob in self.blobs.items():
            where = urlsplit(_say(host, "POST", f"/v2/{repository}/blobs/uploads/")[1]["Location"])
            _say(host, "PUT", f"{where.path}?{where.query}&digest={digest}", blob)
        _say(host, "PUT", f"/v2/{repository}/manifests/{tag}", self.manifest, MANIFEST)

    def is_at(self, host: str, repository: str, tag: str = "1") -> bool:
        """Whether a registry has it whole; fetched without lissom."""
        status, _, manifest = _say(host, "GET", f"/v2/{repository}/manifests/{tag}", accept=MANIFEST)
        if status != 200:
            return False
        assert manifest == self.manifest
        for digest, blob in self.blobs.items():
            assert _say(host, "GET", f"/v2/{repository}/blobs/{digest}")[2] == blob, digest
        return True

    def is_in_layout(self, directory: Path) -> bool:
        """Whether an OCI layout has it whole."""
        if not (directory / "index.json").exists():
            return False
        index = json.loads((directory / "index.json").read_bytes())
        if not index["manifests"]:
            return False
        kept = {d: (directory / "blobs/sha256" / d[7:]).read_bytes() for d in (self.digest, *self.blobs)}
        return index["manifests"][0]["digest"] == self.digest and kept == {self.digest: self.manifest, **self.blobs}

    def is_in(self, root: Path, name: str) -> bool:
        """Whether a store has it whole under ``name``; whatever else the store holds is what its digest says."""
        verify(root)
        with Store.at(root) as store:
            named = {str(reference): descriptor.digest for reference, descriptor in store.references()}
            if named.get(str(Reference.parse(name))) != self.digest:
                return False
            for digest, blob in {self.digest: self.manifest, **self.blobs}.items():
                assert (root / "blobs/sha256" / digest[7:]).read_bytes() == blob, digest
        return True


def verify(root: Path) -> set[str]:
    """Hash every blob of a store; gives the digests."""
    found = set()
    for path in (root / "blobs/sha256").glob("*"):
        with path.open("rb") as stream:
            assert hashlib.file_digest(stream, "sha256").hexdigest() == path.name
        found.add("sha256:" + path.name)
    return found


@dataclass(frozen=True)
class Shell:
    """lissom with a store of its own, that waits a second where others wait half a minute."""

    lissom: Lissom

    @classmethod
    def at(cls, directory: Path, mirrors: Mapping[str, list[str]] | None = None, attempts: int = 3) -> Shell:
        """``mirrors`` are URLs by the registry that they serve."""
        directory.mkdir(exist_ok=True)
        table = "".join(f"{json.dumps(host)} = {json.dumps(urls)}\n" for host, urls in (mirrors or {}).items())
        (directory / "settings.toml").write_text(_PATIENCE.format(attempts=attempts) + "[mirrors]\n" + table)
        return cls(Lissom(directory / "store", directory, "plain"))

    @property
    def root(self) -> Path:
        return self.lissom.root

    def __call__(self, *words: str, verbose: bool = False) -> Result:
        settings = str(self.lissom.here / "settings.toml")
        return self.lissom(*(["-v"] if verbose else []), "--config", settings, *words, env=self.environment())

    def environment(self) -> dict[str, str]:
        """Nothing of this machine's settings gets in."""
        return {"HOME": str(self.lissom.here), "XDG_CONFIG_HOME": str(self.lissom.here), "XDG_RUNTIME_DIR": ""}


def _tar(path: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo(path)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def _say(
    host: str, method: str, path: str, body: bytes | None = None, kind: str = "", *, accept: str = "*/*"
) -> tuple[int, Mapping[str, str], bytes]:
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        headers = {"Content-Type": kind or "application/octet-stream", "Accept": accept}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
