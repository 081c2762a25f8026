"""What a build is asked for: values only, so that who asks need not load what builds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lissom.oci.annotation import Annotation
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression

if TYPE_CHECKING:
    from lissom.build.secret import Secret
    from lissom.sandbox.host import HostSettings

__all__ = ["BuildRequest", "CachePlace", "Output"]


@dataclass(frozen=True)
class Output:
    """One ``--output``: store, docker-archive, oci-archive, oci, tar, local, registry or cacheonly."""

    type: str
    dest: str = ""
    name: str = ""


@dataclass(frozen=True)
class CachePlace:
    """One ``--cache-from`` or ``--cache-to``: a directory (local) or a reference (registry); mode is min or max."""

    type: str
    where: str
    mode: str = "min"


@dataclass(frozen=True)
class BuildRequest:
    """What ``lissom build`` was asked for, read and checked. Sizes are bytes, ``timestamp`` seconds since 1970."""

    context: str
    dockerfile: str | None = None
    stdin: BinaryIO | None = None
    stdout: BinaryIO | None = None
    tags: tuple[Reference, ...] = ()
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    platforms: tuple[Platform, ...] = ()
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    ssh: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    network: str = "host"
    hosts: tuple[tuple[str, str], ...] = ()
    shm_size: int = 64 << 20
    ulimits: tuple[tuple[str, int, int], ...] = ()
    build_contexts: Mapping[str, str] = field(default_factory=dict)
    host: HostSettings | None = None
    no_cache: bool = False
    no_cache_stages: frozenset[str] = frozenset()
    pull: bool = False
    cache_from: tuple[CachePlace, ...] = ()
    cache_to: tuple[CachePlace, ...] = ()
    outputs: tuple[Output, ...] = (Output("store"),)
    squash: bool = False
    compression: Compression = field(default_factory=Compression)
    timestamp: int | None = None
