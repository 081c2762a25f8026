"""What a process sees besides its root file system, and the limits it has."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

from lissom.errors import UsageError

__all__ = ["Bind", "FileMount", "Layers", "Limits", "Mount", "Tmpfs"]


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or directory of this machine."""

    source: Path
    target: str
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """A view of stacked directories (bottom first), or of ``subtree`` in it. What is written to it is thrown away."""

    lowers: tuple[Path, ...]
    subtree: str
    target: str
    readonly: bool = True


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """Memory; ``size`` in bytes, None for what the kernel gives (half of the memory)."""

    target: str
    size: int | None = None
    mode: int = 0o1777
    exec: bool = True


@dataclass(frozen=True, slots=True)
class FileMount:
    """A file that exists for the process only. ``replay`` never shows its data when it is ``secret``."""

    target: str
    data: bytes
    mode: int = 0o444
    uid: int = 0
    gid: int = 0
    readonly: bool = True
    secret: bool = True


Mount = Bind | Layers | Tmpfs | FileMount


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits by name (``nofile``): soft and hard value, -1 for none."""

    values: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def parse(cls, words: tuple[str, ...]) -> Limits:
        """Parse docker's form, ``nofile=1024:2048``; raises UsageError."""
        found: dict[str, tuple[int, int]] = {}
        for word in words:
            name, _, value = word.partition("=")
            soft, _, hard = value.partition(":")
            if not hasattr(resource, f"RLIMIT_{name.upper()}"):
                raise UsageError(f"cannot set limit `{word}`: there is none named `{name}`")
            try:
                found[name.lower()] = (int(soft), int(hard or soft))
            except ValueError as error:
                raise UsageError(f"cannot set limit `{word}`: it is not NAME=SOFT[:HARD]") from error
        return cls(tuple((name, *pair) for name, pair in sorted(found.items())))
