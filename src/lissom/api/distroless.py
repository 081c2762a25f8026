"""``lissom distroless``: an image of Debian packages."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from lissom.api.build import BuildRequest, Output
from lissom.api.build_output import deliver
from lissom.api.world import World
from lissom.distroless.apt import Archive
from lissom.distroless.assemble import assemble
from lissom.distroless.configure import configure
from lissom.distroless.control import Package
from lissom.distroless.fetch import AptSettings, Fetcher
from lissom.distroless.index import PackageIndex
from lissom.distroless.resolve import resolve
from lissom.distroless.sources import Source, read_sources, select
from lissom.distroless.spec import Spec
from lissom.errors import UsageError
from lissom.events import Listener, StepDone, StepStarted
from lissom.image.image import Image
from lissom.oci.document import Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.rootfs.tree import Changeset

__all__ = ["DistrolessRequest", "Made", "apt_settings", "make"]

_DEBIAN = {("amd64", ""): "amd64", ("386", ""): "i386", ("arm64", ""): "arm64", ("arm", "v7"): "armhf",
           ("arm", "v5"): "armel", ("ppc64le", ""): "ppc64el", ("s390x", ""): "s390x", ("riscv64", ""): "riscv64",
           ("mips64le", ""): "mips64el"}  # fmt: skip
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class DistrolessRequest:
    """What was asked for. ``timestamp`` (seconds since 1970) defaults to the archive's date."""

    spec: Spec
    tags: tuple[Reference, ...] = ()
    outputs: tuple[Output, ...] = (Output("store"),)
    apt: Path = Path("/etc/apt")
    settings: AptSettings = field(default_factory=AptSettings)
    compression: Compression = field(default_factory=Compression)
    timestamp: int | None = None
    stdout: BinaryIO | None = None


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
    """Make the image of a spec, put it into the store and into every output. The same archive gives the same digest.

    Raises UsageError, RegistryError, IntegrityError, StepError.
    """
    architectures = request.spec.architectures or (_DEBIAN[_key(Platform.host())],)
    fetcher = Fetcher(request.settings)
    try:
        results = [_Maker(request, world, listener, fetcher, one).run() for one in architectures]
    finally:
        fetcher.close()
    images = tuple(image for image, _ in results)
    descriptor = images[0].manifest.descriptor
    if len(images) > 1:
        index = Index.make([replace(image.manifest.descriptor, platform=image.platform) for image in images])
        descriptor = world.store.put_manifest(index.raw, index.descriptor.media_type, None)
    tags = request.tags or ((Reference.parse(request.spec.name),) if request.spec.name else ())
    delivery = BuildRequest("", tags=tags, outputs=request.outputs, stdout=request.stdout)
    wrote = deliver(delivery, descriptor, images, world, listener)
    return Made(descriptor, images, tuple(results[0][1]), wrote)


def _key(platform: Platform) -> tuple[str, str]:
    return platform.architecture, platform.variant


class _Maker:
    def __init__(
        self, request: DistrolessRequest, world: World, listener: Listener, fetcher: Fetcher, architecture: str
    ) -> None:
        self.request = request
        self.world = world
        self.listener = listener
        self.fetcher = fetcher
        self.spec = replace(request.spec, architectures=(architecture,))
        found = [key for key, name in _DEBIAN.items() if name == architecture]
        if not found:
            raise UsageError(f"cannot use architecture `{architecture}`: Debian has none of this name")
        self.platform = Platform("linux", *found[0])
        if self.spec.configure and not Platform.host().runs(self.platform):
            raise UsageError(
                f"cannot configure packages for `{architecture}`: this machine cannot run their scripts",
                hint="leave out `configure`, or build on such a machine",
            )

    def run(self) -> tuple[Image, list[Package]]:
        spec = self.spec
        sources = select(read_sources(self.request.apt), spec.suite, spec.components, spec.architectures[0])
        cache = self.world.store.root / "lissom" / "debian"
        archive = Archive(sources, self.fetcher, cache, now=int(time.time()), listener=self.listener)
        index = archive.index(spec.components, spec.architectures[0])
        packages, automatic = self._packages(index)
        debs = archive.download(packages)
        timestamp = archive.date if self.request.timestamp is None else self.request.timestamp
        used = [release.source for release in archive.releases]
        started, name = time.monotonic(), f"{'configure' if spec.configure else 'lay out'} {len(packages)} packages"
        self.listener(StepStarted(1, name))
        if spec.configure:
            tree = self._configured(packages, automatic, debs, used, timestamp)
            image = self._image(tree, timestamp)
        else:
            with self.world.snapshots.workspace() as workspace:
                image = self._image(assemble(spec, packages, debs, workspace.path), timestamp)
        self.listener(
            StepDone(1, name, time.monotonic() - started, size=sum(one.size for one in image.manifest.layers))
        )
        return image, packages

    def _configured(
        self,
        packages: list[Package],
        automatic: list[Package],
        debs: Mapping[str, Path],
        sources: list[Source],
        timestamp: int,
    ) -> Changeset:
        return configure(
            self.spec, packages, debs, automatic=automatic, sources=sources, snapshots=self.world.snapshots,
            timestamp=timestamp, listener=self.listener,
        )  # fmt: skip

    def _packages(self, index: PackageIndex) -> tuple[list[Package], list[Package]]:
        """The packages, and those of them that apt would call automatic: needed, but not by an essential one."""
        spec = self.spec
        wanted = list(spec.packages)
        if spec.variant != "none":
            wanted += [one.name for one in index.required() if one.essential or spec.variant == "minbase"]
        if spec.variant == "minbase":
            wanted.append("apt")
        chosen = resolve(index, wanted, without=spec.without)
        if not spec.dependencies:
            chosen = [package for package in chosen if package.name in wanted]
        essential = [one.name for one in index.required() if one.essential]
        there = {*wanted, *(one.name for one in resolve(index, essential, without=spec.without))}
        return chosen, [package for package in chosen if package.name not in there]

    def _image(self, tree: Changeset, timestamp: int) -> Image:
        snapshots = self.world.snapshots
        tree = _limited(tree, timestamp)
        delta = snapshots.put_changeset(tree, pack=self.request.compression, timestamp=timestamp)
        layer = snapshots.layer(delta, self.request.compression, timestamp)
        created = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        document = {"created": created, "architecture": self.platform.architecture, "os": "linux"}
        if self.platform.variant:
            document["variant"] = self.platform.variant
        said = f"lissom distroless {self.spec.name or self.spec.suite}"
        return Image.make(
            [layer],
            {**document, "config": _settings(self.spec), "history": [{"created": created, "created_by": said}]},
            self.world.store,
        )


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
