"""Three registries of this process, and who of them was asked for what, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from registry_server import RegistryServer, Seen

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Log(list[Seen]):
    """What one of several servers saw, also noted in a list of all."""

    def __init__(self, name: str, common: list[tuple[str, Seen]]) -> None:
        super().__init__()
        self.name, self.common = name, common

    def append(self, item: Seen) -> None:
        super().append(item)
        self.common.append((self.name, item))


@dataclass
class Net:
    """Three registries: ``origin``, ``one``, ``two``."""

    servers: dict[str, RegistryServer]
    common: list[tuple[str, Seen]]

    def fill(self, text: str) -> str:
        for name, server in self.servers.items():
            text = text.replace(f"@{name}", server.host)
        return text

    def asked(self, *, query: bool = False) -> list[str]:
        """Who was asked for which manifests, in order; then forget it."""
        found = [f"{name} {seen.path}" for name, seen in self.common if "/manifests/" in seen.path]
        found = found if query else [item.partition("?")[0] for item in found]
        self.common.clear()
        return [item for n, item in enumerate(found) if n == 0 or found[n - 1] != item]

    def hold(self, name: str, repository: str, tag: str = "1") -> str:
        server = self.servers[name]
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
        digest = server.hold(repository, config.encode())
        described = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)}
        raw = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []}).encode()
        whole = "sha256:" + hashlib.sha256(raw).hexdigest()
        server.state.manifests[repository, tag] = server.state.manifests[repository, whole] = (MANIFEST, raw)
        return whole


@contextmanager
def three() -> Iterator[Net]:
    """They run until the block is left."""
    common: list[tuple[str, Seen]] = []
    servers = {name: RegistryServer() for name in ("origin", "one", "two")}
    for name, server in servers.items():
        server.state.seen = Log(name, common)
    yield Net(servers, common)
    for server in servers.values():
        server.stop()
