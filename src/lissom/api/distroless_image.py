"""The image of a spec: a layer for each group of packages, their history, and how programs are to run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lissom.api.world import World
from lissom.distroless.evidence.layers import Group
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.applets import DEBUG
from lissom.distroless.tree.first_program import PATH
from lissom.image.image import Image, Layer
from lissom.image.layers import diff_id_of
from lissom.oci.platform import Platform
from lissom.rootfs.compress import Compression
from lissom.rootfs.tree import Changeset

__all__ = ["image_of"]

_NAMED = 12
_SMALL = Compression("gzip", 6)
"""What is laid out is made once and pulled often: a tenth is worth a quarter of a second. Full bases just stay here."""


def image_of(
    spec: Spec,
    groups: Sequence[Group],
    supplied: Supply,
    platform: Platform,
    world: World,
    *,
    timestamp: int,
    compression: Compression,
) -> Image:
    """Write the image whose layers are ``groups``; nothing in it is later than ``timestamp``, seconds since 1970.

    Where no scripts run, ``gzip`` without a level is level 6.
    """
    if compression == Compression("gzip") and not spec.configure:
        compression = _SMALL
    created = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document: dict[str, Any] = {"created": created, "architecture": platform.architecture, "os": "linux"}
    if platform.variant:
        document["variant"] = platform.variant
    versions = {package.name: package.version for package in supplied.packages}
    said = ({"created": created, **_said(spec, group, versions)} for group in groups)
    document |= {"config": _settings(spec), "history": list(said)}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        layers = list(pool.map(lambda group: _layer(group, world, timestamp, compression), groups))
    return Image.make(layers, document, world.store)


def _layer(group: Group, world: World, timestamp: int, compression: Compression) -> Layer:
    """The layer of ``group``; one that the store has is not compressed again."""
    changeset = _limited(group.changeset, timestamp)
    known = world.snapshots.packed(diff_id_of(changeset, timestamp=timestamp), compression)
    if known is not None:
        return known
    delta = world.snapshots.put_changeset(changeset, pack=compression, timestamp=timestamp)
    return world.snapshots.layer(delta, compression, timestamp)


def _limited(tree: Changeset, timestamp: int) -> Changeset:
    """Nothing of the tree is later than ``timestamp``: outputs other than layers show its times too."""
    return Changeset.of(replace(entry, mtime=min(entry.mtime, timestamp)) for entry in tree.entries.values())


def _said(spec: Spec, group: Group, versions: dict[str, str]) -> dict[str, str]:
    """A layer's entry of the history: some of its packages, and why they are together."""
    if not group.reason:
        return {"created_by": f"lissom distroless {spec.name or spec.suite}: {group.name}"}
    listed = [*(f"{name} {versions[name]}" for name in group.packages), *group.additions]
    more = [f"{len(listed) - _NAMED} more"] if len(listed) > _NAMED else []
    # Without the image's name, so that the packages are in the few characters that tables of histories show.
    said = ", ".join([*listed[:_NAMED], *more]) or group.name
    return {"created_by": f"lissom distroless: {said}", "comment": group.reason}


def _settings(spec: Spec) -> dict[str, Any]:
    env = dict(spec.env)
    path = env.setdefault("PATH", PATH)
    if spec.debug:
        env["PATH"] = f"{path}:/{DEBUG}"
    settings: dict[str, Any] = {"Env": [f"{name}={value}" for name, value in env.items()]}
    found = {
        "Entrypoint": list(spec.entrypoint),
        "Cmd": list(spec.cmd),
        "WorkingDir": spec.workdir,
        "User": spec.user,
        "Labels": dict(spec.labels),
    }
    return settings | {name: value for name, value in found.items() if value}
