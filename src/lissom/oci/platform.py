"""Platforms: operating system, architecture, variant, as the image index page defines them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lissom.errors import UsageError

__all__ = ["Platform"]

_ARCHITECTURES = {
    "x86_64": "amd64", "x86-64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armhf": "arm",
    "armv7l": "arm", "armv6l": "arm", "armel": "arm", "i386": "386", "i486": "386", "i586": "386", "i686": "386",
    "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64",
}  # fmt: skip
_VARIANTS = {"armhf": "v7", "armv7l": "v7", "armv6l": "v6", "armel": "v6"}


@dataclass(frozen=True, slots=True)
class Platform:
    """``os/architecture[/variant]`` in Go's words. ``arm64/v8`` is ``arm64``, ``arm`` is ``arm/v7``."""

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read ``linux/amd64``, ``linux/arm/v7`` or a bare ``amd64``, ``aarch64``, ``linux``. Raises UsageError."""
        parts = text.lower().split("/")
        if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"[a-z0-9_.-]+", p) for p in parts):
            raise UsageError(f"cannot read platform `{text}`: it is not of the form os/architecture[/variant]")
        if len(parts) == 1:
            if parts[0] in _ARCHITECTURES or parts[0] in _ARCHITECTURES.values():
                return cls._normalised("linux", parts[0], "")
            if parts[0] in ("linux", "windows", "darwin", "freebsd"):
                return cls._normalised(parts[0], cls.host().architecture, "")
            raise UsageError(f"cannot read platform `{text}`: unknown operating system or architecture")
        return cls._normalised(parts[0], parts[1], parts[2] if len(parts) == 3 else "")

    @classmethod
    def host(cls) -> Platform:
        """The platform of this machine."""
        return cls._normalised("linux", os.uname().machine.lower(), "")

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Platform:
        """Read the ``platform`` object of a descriptor, or the same fields of a config."""
        fields = (document.get("os") or "linux", document.get("architecture") or "", document.get("variant") or "")
        return cls._normalised(*(str(f) for f in fields))

    @classmethod
    def _normalised(cls, os: str, architecture: str, variant: str) -> Platform:
        variant = variant or _VARIANTS.get(architecture, "")
        architecture = _ARCHITECTURES.get(architecture, architecture)
        if architecture == "arm64" and variant in ("v8", "8"):
            variant = ""
        if architecture == "arm":
            variant = variant if variant.startswith("v") else f"v{variant or 7}"
        if architecture == "amd64" and variant == "v1":
            variant = ""
        return cls(os, architecture, variant)

    def runs(self, other: Platform) -> bool:
        """Whether an image for ``other`` runs here: the same, or an older variant of the same architecture."""
        if (self.os, self.architecture) != (other.os, other.architecture):
            return False
        return (
            other.variant <= self.variant
            if self.architecture in ("arm", "amd64")
            else other.variant in ("", self.variant)
        )

    def __str__(self) -> str:
        return "/".join(p for p in (self.os, self.architecture, self.variant) if p)
