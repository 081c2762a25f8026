"""Whom a connection believes: authorities, own certificates, and whether it must be vouched for at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Trust"]


@dataclass(frozen=True, slots=True)
class Trust:
    """How the other end of a connection is checked, and how we show who we are.

    ``authorities`` are PEM files beside the system's; ``certificates`` are pairs of a certificate and its key, both
    PEM. Without ``verify`` any certificate will do; ``plain`` allows no TLS at all.
    """

    authorities: tuple[Path, ...] = ()
    certificates: tuple[tuple[Path, Path], ...] = ()
    verify: bool = True
    plain: bool = False
