"""What the user wants of a slim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lissom.rootfs.compress import Compression
from lissom.slim.scene import Level
from lissom.verify.patience import Patience

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """How to slim. ``keep`` and ``drop`` are patterns as in .dockerignore; ``environment`` is what scripts get.

    ``boundaries`` keeps the image's layers apart. ``strip`` takes symbols out of ELF files, ``link`` puts a Java
    runtime of the needed modules in a JDK's place. ``calls`` notes all system calls, for a profile.
    """

    level: Level = Level.FILE
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    boundaries: bool = False
    strip: bool = True
    link: bool = True
    calls: bool = False
    rounds: int = 3
    network: str = "none"
    patience: Patience = field(default_factory=Patience)
    environment: Mapping[str, str] = field(default_factory=dict)
    compression: Compression = field(default_factory=Compression)
    timestamp: int | None = None
