"""What mends a finding: edits, and by which equivalence they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lissom.dockerfile.source import Edit

__all__ = ["Equivalence", "Fix", "Safety"]


class Equivalence(Enum):
    """How the image after the edit is like the one before (times of files aside)."""

    E0 = "same files and config"
    E1 = "same but for removals inside named caches"
    E2 = "same but for what differs between two builds of the original, and removals inside named caches"
    E3 = "the app's probes see the same"


class Safety(Enum):
    """When ``fix`` makes an edit: SAFE always (E0 or E1, provable from the text), PROVABLE when a build proves it
    (``--verify``), UNSAFE when only the app's probes can tell.
    """

    SAFE = "safe"
    PROVABLE = "provable"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class Fix:
    """Edits that belong together. ``because`` says in a sentence why the equivalence holds or what may differ.

    ``files`` are new files beside the Dockerfile by name (``.dockerignore``), with their text. ``config`` names the
    fields of the config that are meant to differ (``Cmd``, ``User``); ``paths`` are globs of tree paths that are meant
    to be gone or to differ, such as ``var/lib/apt/lists/**``.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety
    equivalence: Equivalence
    because: str
    files: Mapping[str, str] = field(default_factory=dict)
    config: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
