"""An image as the suite compares it: the tree as difference to its base, the config, layers and history."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from oracle.flatten import difference, flatten, read_layer, words

COMPARED = (
    "Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "ExposedPorts", "Volumes", "StopSignal",
    "Healthcheck", "OnBuild", "Shell",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """An image taken out of a builder."""

    config: dict[str, Any]
    config_bytes: bytes
    layers: tuple[bytes, ...]

    @property
    def tree(self) -> dict[str, str]:
        return words(flatten(self.layers))

    def leaks(self, secrets: Iterable[str]) -> list[str]:
        """Which of ``secrets`` stand in the config or in a layer."""
        return [s for s in secrets if any(s.encode() in data for data in (self.config_bytes, *map(plain, self.layers)))]

    def broken(self, secrets: Iterable[str] = ()) -> list[str]:
        """What no image may have: diff IDs, layers and history that disagree, duplicates, leaked secrets."""
        faults = [f"leaks {secret}" for secret in self.leaks(secrets)]
        found = [read_layer(data).diff_id for data in self.layers]
        if found != self.config["rootfs"]["diff_ids"]:
            faults.append(f"diff IDs {self.config['rootfs']['diff_ids']} but layers {found}")
        filled = [entry for entry in self.config.get("history", []) if not entry.get("empty_layer")]
        if len(filled) != len(self.layers):
            faults.append(f"{len(filled)} history entries with a layer for {len(self.layers)} layers")
        for number, data in enumerate(self.layers):
            changes = read_layer(data)
            names = [path for path, _ in changes.entries] + changes.gone
            faults += [f"layer {number} has {name} twice" for name in {n for n in names if names.count(n) > 1}]
        return faults


def plain(data: bytes) -> bytes:
    import gzip

    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def from_docker_archive(path: Path) -> Built:
    with tarfile.open(path) as tar:

        def read(name: str) -> bytes:
            file = tar.extractfile(name)
            assert file is not None
            return file.read()

        entry = json.loads(read("manifest.json"))[0]
        config = read(entry["Config"])
        return Built(json.loads(config), config, tuple(read(name) for name in entry["Layers"]))


def from_oci_layout(directory: Path, tag: str | None = None) -> Built:
    def blob(descriptor: Mapping[str, Any]) -> bytes:
        data = (directory / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        assert descriptor["digest"] == "sha256:" + hashlib.sha256(data).hexdigest(), "a blob is not its digest"
        assert descriptor["size"] == len(data), "a blob is not its size"
        return data

    listed = json.loads((directory / "index.json").read_bytes())["manifests"]
    if tag is not None:
        listed = [each for each in listed if tag in (each.get("annotations") or {}).values()]
    assert len(listed) == 1, f"{len(listed)} images in {directory}"
    manifest = json.loads(blob(listed[0]))
    if "manifests" in manifest:
        manifest = json.loads(blob(manifest["manifests"][0]))
    config = blob(manifest["config"])
    return Built(json.loads(config), config, tuple(blob(layer) for layer in manifest["layers"]))


def observation(
    built: Built, base_tree: Mapping[str, str], base: Built | None, volatile: Sequence[str]
) -> dict[str, Any]:
    """What is recorded and compared; the content of ``volatile`` paths is left out."""
    tree = difference(dict(base_tree), built.tree)
    for path, line in tree.items():
        if line.startswith("file") and any(fnmatchcase(path, pattern) for pattern in volatile):
            parts = line.split(" ")
            tree[path] = " ".join([*parts[:3], "*", "*", *parts[5:]])
    config = built.config.get("config") or {}
    return {
        "tree": tree,
        "config": {key: config[key] for key in COMPARED if config.get(key)}
        | {key: built.config[key] for key in ("architecture", "author", "os") if built.config.get(key)},
        "history": history_marks(built)[len(history_marks(base)) if base else 0 :],
    }


def history_marks(built: Built) -> str:
    """A mark for each history entry: L with a layer that changes the tree, - without.

    Docker 20.10 keeps the layer of a step that changed nothing, newer BuildKits leave it out: either is right.
    """
    marks, count, below = "", 0, {}
    for entry in built.config.get("history", []):
        count += not entry.get("empty_layer")
        tree = below if entry.get("empty_layer") else words(flatten(built.layers[:count]))
        marks += "-" if tree == below else "L"
        below = tree
    return marks


def volatile_contents(built: Built, volatile: Sequence[str]) -> dict[str, str]:
    """The content digests of the files that ``volatile`` names: whether a step ran again is seen by them."""
    tree = flatten(built.layers)
    return {
        path: node.sha256
        for path, node in tree.items()
        if node.kind == "file" and any(fnmatchcase(path, pattern) for pattern in volatile)
    }


def sameness(builds: Sequence[Mapping[str, str]]) -> dict[str, list[int]]:
    """For each path, the first build that had the content it has in build 0, 1, 2…; -1 where it is absent."""
    paths = sorted({path for build in builds for path in build})
    found: dict[str, list[int]] = {}
    for path in paths:
        contents = [build.get(path) for build in builds]
        found[path] = [-1 if content is None else contents.index(content) for content in contents]
    return found
