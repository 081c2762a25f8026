"""``lissom distroless``: an image of Debian packages."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from lissom.api.build import BuildRequest, Output
from lissom.api.build_output import deliver
from lissom.api.world import World
from lissom.distroless.assemble import assemble
from lissom.distroless.assembled import Assembled
from lissom.distroless.configure import configure
from lissom.distroless.control import Package
from lissom.distroless.fetch import Fetcher
from lissom.distroless.layers import Group, budget, grouped
from lissom.distroless.settings import AptSettings
from lissom.distroless.spec import Spec
from lissom.distroless.supplies import Places, supplies
from lissom.distroless.supply import Supply
from lissom.errors import UsageError
from lissom.events import Listener, StepDone, StepStarted
from lissom.image.image import Image, Layer
from lissom.oci.document import Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.rootfs.tree import Changeset

__all__ = ["DistrolessRequest", "Made", "apt_settings", "make"]

_DEBIAN = {("amd64", ""): "amd64", ("386", ""): "i386", ("arm64", ""): "arm64", ("arm", "v7"): "armhf",
           ("arm", "v5"): "armel", ("ppc64le", ""): "ppc64el", ("s390x", ""): "s390x", ("riscv64", ""): "riscv64",
           ("mips64le", ""): "mips64el"}  # fmt: skip
_NAMED = 12
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class DistrolessRequest:
    """What was asked for. ``timestamp`` (seconds since 1970) defaults to the archive's date.

    ``lock`` is where the lock of the spec is or, with ``relock``, is to be; without such a file the archive decides.
    Key files that the spec names are found from ``beside``.
    """

    spec: Spec
    tags: tuple[Reference, ...] = ()
    outputs: tuple[Output, ...] = (Output("store"),)
    apt: Path = Path("/etc/apt")
    settings: AptSettings = field(default_factory=AptSettings)
    compression: Compression = field(default_factory=Compression)
    timestamp: int | None = None
    stdout: BinaryIO | None = None
    lock: Path | None = None
    relock: bool = False
    beside: Path = Path()


@dataclass(frozen=True)
class Made:
    """The image or index, its platforms' images, and the packages of the first."""

    descriptor: Descriptor
    images: tuple[Image, ...]
    packages: tuple[Package, ...]
    wrote_stdout: bool = False


def apt_settings(environment: Mapping[str, str]) -> AptSettings:
    """How this machine's apt reaches archives; only the environment counts where there is no apt."""
    try:
        done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return AptSettings.parse("", environment)
    return AptSettings.parse(done.stdout, environment)


def make(request: DistrolessRequest, world: World, listener: Listener) -> Made:
    """Make the image of a spec, put it into the store and into every output.

    The same archive gives the same digest, and so does the same lock.
    Raises UsageError, RegistryError, IntegrityError, StepError.
    """
    architectures = request.spec.architectures or (_DEBIAN[_key(Platform.host())],)
    makers = [_Maker(request, world, listener, one) for one in architectures]
    fetcher = Fetcher(request.settings, listener)
    places = Places(request.apt, world.store.root / "lissom" / "debian", request.lock, request.beside)
    try:
        found = supplies(request.spec, architectures, places, fetcher, relock=request.relock)
    finally:
        fetcher.close()
    results = [maker.run(supplied) for maker, supplied in zip(makers, found, strict=True)]
    images = tuple(image for image, _ in results)
    descriptor = images[0].manifest.descriptor
    if len(images) > 1:
        index = Index.make([replace(image.manifest.descriptor, platform=image.platform) for image in images])
        descriptor = world.store.put_manifest(index.raw, index.descriptor.media_type, None)
    tags = request.tags or ((Reference.parse(request.spec.name),) if request.spec.name else ())
    delivery = BuildRequest("", tags=tags, outputs=request.outputs, stdout=request.stdout)
    wrote = deliver(delivery, descriptor, images, world, listener)
    return Made(descriptor, images, results[0][1], wrote)


def _key(platform: Platform) -> tuple[str, str]:
    return platform.architecture, platform.variant


class _Maker:
    def __init__(self, request: DistrolessRequest, world: World, listener: Listener, architecture: str) -> None:
        self.request = request
        self.world = world
        self.listener = listener
        self.spec = request.spec
        found = [key for key, name in _DEBIAN.items() if name == architecture]
        if not found:
            raise UsageError(f"cannot use architecture `{architecture}`: Debian has none of this name")
        self.platform = Platform("linux", *found[0])
        if self.spec.configure and not Platform.host().runs(self.platform):
            raise UsageError(
                f"cannot configure packages for `{architecture}`: this machine cannot run their scripts",
                hint="leave out `configure`, or build on such a machine",
            )

    def run(self, supplied: Supply) -> tuple[Image, tuple[Package, ...]]:
        spec = self.spec
        timestamp = supplied.date if self.request.timestamp is None else self.request.timestamp
        started, count = time.monotonic(), len(supplied.packages)
        name = f"{'configure' if spec.configure else 'lay out'} {count} packages"
        self.listener(StepStarted(1, name))
        with self.world.snapshots.workspace() as workspace:
            if spec.configure:
                assembled = configure(
                    spec, supplied, snapshots=self.world.snapshots, timestamp=timestamp, listener=self.listener
                )
            else:
                assembled = assemble(spec, supplied, workspace.path)
            image = self._image(assembled, supplied, timestamp)
        size = sum(one.size for one in image.manifest.layers)
        self.listener(StepDone(1, name, time.monotonic() - started, size=size))
        return image, supplied.packages

    def _image(self, assembled: Assembled, supplied: Supply, timestamp: int) -> Image:
        created = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        document: dict[str, Any] = {"created": created, "architecture": self.platform.architecture, "os": "linux"}
        if self.platform.variant:
            document["variant"] = self.platform.variant
        groups = grouped(assembled, supplied.packages, layers=budget(self.spec))
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            layers = list(pool.map(lambda group: self._layer(group, timestamp), groups))
        document |= {"config": _settings(self.spec), "history": [self._said(one, supplied, created) for one in groups]}
        return Image.make(layers, document, self.world.store)

    def _said(self, group: Group, supplied: Supply, created: str) -> dict[str, Any]:
        """A layer's entry of the history."""
        versions = {package.name: package.version for package in supplied.packages}
        name = f"lissom distroless {self.spec.name or self.spec.suite}"
        if not group.reason:
            return {"created": created, "created_by": f"{name}: {group.name}"}
        listed = [f"{package} {versions[package]}" for package in group.packages]
        more = [f"{len(listed) - _NAMED} more"] if len(listed) > _NAMED else []
        what = ", ".join([*listed[:_NAMED], *more]) or group.name
        return {"created": created, "created_by": f"{name}: {what}", "comment": group.reason}

    def _layer(self, group: Group, timestamp: int) -> Layer:
        snapshots, compression = self.world.snapshots, self.request.compression
        delta = snapshots.put_changeset(_limited(group.changeset, timestamp), pack=compression, timestamp=timestamp)
        return snapshots.layer(delta, compression, timestamp)


def _limited(tree: Changeset, timestamp: int) -> Changeset:
    """Nothing of the tree is later than ``timestamp``: outputs other than layers show its times too."""
    return Changeset.of(replace(entry, mtime=min(entry.mtime, timestamp)) for entry in tree.entries.values())


def _settings(spec: Spec) -> dict[str, Any]:
    env = dict(spec.env)
    env.setdefault("PATH", _PATH)
    settings: dict[str, Any] = {"Env": [f"{name}={value}" for name, value in env.items()]}
    found = {
        "Entrypoint": list(spec.entrypoint),
        "Cmd": list(spec.cmd),
        "WorkingDir": spec.workdir,
        "User": spec.user,
        "Labels": dict(spec.labels),
    }
    return settings | {name: value for name, value in found.items() if value}
