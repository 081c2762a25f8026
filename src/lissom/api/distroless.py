"""``lissom distroless``: an image of Debian packages."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from lissom.api.build_output import deliver
from lissom.api.build_request import BuildRequest, Output
from lissom.api.distroless_image import image_of
from lissom.api.world import World
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.kept import Kept
from lissom.distroless.archive.logins import read_logins
from lissom.distroless.archive.settings import AptSettings
from lissom.distroless.configured.configure import check_configurable, configure
from lissom.distroless.evidence.layers import budget, grouped
from lissom.distroless.evidence.provenance import Provenance
from lissom.distroless.evidence.provenance_json import put_provenance
from lissom.distroless.evidence.provenance_rows import provenance
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supplies import Places, supplies
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.assemble import assemble
from lissom.errors import UsageError
from lissom.events import Listener, StepDone, StepStarted
from lissom.image.image import Image
from lissom.oci.document import Descriptor, Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression

__all__ = ["DistrolessRequest", "Made", "apt_settings", "make"]

_DEBIAN = {("amd64", ""): "amd64", ("386", ""): "i386", ("arm64", ""): "arm64", ("arm", "v7"): "armhf",
           ("arm", "v5"): "armel", ("ppc64le", ""): "ppc64el", ("s390x", ""): "s390x", ("riscv64", ""): "riscv64",
           ("mips64le", ""): "mips64el"}  # fmt: skip
_RUNS = {"configure": "configure packages", "java": "link a Java runtime", "pyc": "compile Python's modules"}


@dataclass(frozen=True)
class DistrolessRequest:
    """What was asked for. ``timestamp`` (seconds since 1970) defaults to the archive's date.

    ``locks`` are where a lock of the spec may be; without such a file the archive decides. With ``relock`` the first of
    them is written.
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
    locks: tuple[Path, ...] = ()
    relock: bool = False
    beside: Path = Path()


@dataclass(frozen=True)
class Made:
    """The image or index, its platforms' images, and where everything in each of them comes from. ``tags`` name it."""

    descriptor: Descriptor
    images: tuple[Image, ...]
    told: tuple[Provenance, ...]
    tags: tuple[Reference, ...] = ()
    wrote_stdout: bool = False


def apt_settings(environment: Mapping[str, str]) -> AptSettings:
    """How this machine's apt reaches archives; only the environment counts where there is no apt."""
    try:
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        dump = ""
    return replace(AptSettings.parse(dump, environment), logins=read_logins(Path("/etc/apt")))


def make(request: DistrolessRequest, world: World, listener: Listener) -> Made:
    """Make the image of a spec, put it into the store and into every output.

    The same archive gives the same digest, and so does the same lock.
    Raises UsageError, RegistryError, IntegrityError, StepError.
    """
    architectures = request.spec.architectures or (_DEBIAN[_key(Platform.host())],)
    makers = [_Maker(request, world, listener, one) for one in architectures]
    cache = world.store.root / "lissom" / "debian"
    fetcher = Fetcher(request.settings, listener, Kept(cache / "releases"))
    places = Places(request.apt, cache, request.locks, request.beside)
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
    return Made(descriptor, images, tuple(told for _, told in results), tags, wrote)


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
        if self.spec.configure:
            check_configurable(self.spec)
        self._check_machine(architecture)

    def _check_machine(self, architecture: str) -> None:
        """Refuse what runs programs of the image where this machine cannot."""
        asked = [name for name in ("configure", "java", "pyc") if getattr(self.spec, name)]
        if asked and not Platform.host().runs(self.platform):
            raise UsageError(
                f"cannot {_RUNS[asked[0]]} for `{architecture}`: this machine cannot run its programs",
                hint=f"leave out `{asked[0]}`, or build on such a machine",
            )

    def run(self, supplied: Supply) -> tuple[Image, Provenance]:
        """Make the image and keep where everything in it comes from beside it."""
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
                assembled = assemble(
                    spec,
                    supplied,
                    workspace.path,
                    ownership=self.world.snapshots.ownership,
                    listener=self.listener,
                )
            groups = grouped(assembled, supplied.packages, layers=budget(spec))
            image = image_of(
                spec,
                groups,
                supplied,
                self.platform,
                self.world,
                timestamp=timestamp,
                compression=self.request.compression,
            )
        told = provenance(spec, supplied, assembled, groups, image, version=version("lissom"))
        put_provenance(self.world.store, told)
        self.listener(StepDone(1, name, time.monotonic() - started, size=told.compressed))
        return image, told
