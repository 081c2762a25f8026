"""Secrets of a build: named values that steps may see and nothing keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Secret"]


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret; its value shows in no representation."""

    id: str
    data: bytes = field(repr=False)
