"""Images of two platforms whose layers are real tars, for tests that move them between places."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass

from lissom.image.image import put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, INDEX, LAYER_GZIP, MANIFEST, Descriptor, canonical
from lissom.oci.reference import Reference
from lissom.store.store import Store

IN_TOTO = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Made:
    """An index of amd64, of an index with arm64, and of an attestation; its documents by what they are."""

    index: Descriptor
    amd64: Descriptor
    arm64: Descriptor
    config: Digest


def tar_of(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def put_index(store: Store, name: str, *, salt: bytes = b"") -> Made:
    """Put an index into the store. ``salt`` makes its layers differ from those of other tests."""
    shared = tar_of("etc/shared", b"of both platforms\n" * 5000 + salt)
    manifests = {}
    for architecture in ("amd64", "arm64"):
        tars = [shared, tar_of(f"bin/{architecture}", architecture.encode() * 9000 + salt)]
        layers = [_put(store, gzip.compress(tar, mtime=0), LAYER_GZIP).to_json() for tar in tars]
        document = {
            "architecture": architecture,
            "os": "linux",
            "config": {"Cmd": ["/bin/x"]},
            "rootfs": {"type": "layers", "diff_ids": [Digest.of(tar) for tar in tars]},
            "history": [{"created_by": f"step {n}"} for n, _ in enumerate(tars)],
        }
        config = _put(store, canonical(document), CONFIG).to_json()
        raw = canonical({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
        manifests[architecture] = (store.put_manifest(raw, MANIFEST, None), Digest(config["digest"]))
    (amd64, config_digest), (arm64, _) = manifests["amd64"], manifests["arm64"]
    inner = _index(store, [_on(arm64, "arm64")], None)
    index = _index(store, [_on(amd64, "amd64"), inner.to_json(), _attestation(store, amd64)], Reference.parse(name))
    return Made(index, amd64, arm64, config_digest)


def _put(store: Store, data: bytes, media_type: str) -> Descriptor:
    descriptor = Descriptor(media_type, Digest.of(data), len(data))
    put_bytes(store, descriptor, data)
    return descriptor


def _index(store: Store, manifests: list[object], reference: Reference | None) -> Descriptor:
    raw = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
    return store.put_manifest(raw, INDEX, reference)


def _on(manifest: Descriptor, architecture: str) -> dict[str, object]:
    return manifest.to_json() | {"platform": {"architecture": architecture, "os": "linux"}}


def _attestation(store: Store, of: Descriptor) -> dict[str, object]:
    unknown = {"architecture": "unknown", "os": "unknown"}
    layers = [_put(store, b'{"predicate": 1}', IN_TOTO).to_json()]
    config = _put(store, canonical(unknown), CONFIG).to_json()
    raw = canonical({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
    made = store.put_manifest(raw, MANIFEST, None).to_json()
    return made | {"platform": unknown, "annotations": {"vnd.docker.reference.digest": str(of.digest)}}
