"""Images to run in: the slim variant of an image, or Debian without more, by what the name behind FROM tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lissom.lint.subject import Base

__all__ = ["ALPINE", "FULL", "debian_slim", "plain", "release_of", "slim_of"]

ALPINE = "alpine"
"""What stands for the release where the image is one of Alpine."""

FULL = ("ca-certificates", "netbase", "tzdata")
"""Packages of full images that apps take for granted when they run, and that slim ones lack."""

_RELEASES = ("bullseye", "bookworm", "trixie")
_DEBIAN_NUMBERS = {"11": "bullseye", "12": "bookworm", "13": "trixie"}

# Versions whose programs run on bookworm where the tag names no release: it stands on bookworm or on an older one. Of
# tags that move, and of newer versions, the release cannot be told.
_USUAL: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "node": ((0,), (24,)),
    "golang": ((1, 0), (1, 25)),
    "rust": ((1, 0), (1, 89)),
    "gcc": ((9,), (14,)),
}
_CODENAME_LAST = ("node",)
_VERSION = re.compile(r"\d+(?:\.\d+)*")


def release_of(base: Base) -> str:
    """The release of Debian on which the image's programs run, or ``ALPINE``; "" when the name does not tell."""
    if base.family == ALPINE:
        return ALPINE
    for release in _RELEASES:
        if release in base.tag.split("-"):
            return release
    name = base.name.rpartition("/")[2]
    if name == "debian":
        number = base.tag.partition(".")[0].partition("-")[0]
        return _DEBIAN_NUMBERS.get(number, "bookworm" if base.tag in ("", "latest") else "")
    usual = _USUAL.get(name)
    version = _VERSION.match(base.tag)
    if usual is None or version is None or re.search(r"alpine|buster|stretch|jessie|windows", base.tag):
        return ""
    numbers = tuple(int(part) for part in version[0].split("."))
    told = len(numbers) >= len(usual[0])
    return "bookworm" if told and usual[0] <= numbers < usual[1] else ""


def debian_slim(release: str) -> str:
    """Debian without documentation and manuals."""
    return f"debian:{release}-slim"


def plain(base: Base, release: str) -> str:
    """An image without any language on which what ``base`` compiles runs."""
    if release != ALPINE:
        return debian_slim(release)
    version = re.search(r"alpine(\d+\.\d+)", base.tag)
    return f"alpine:{version[1] if version else 3}"


def slim_of(base: Base, written: str) -> str | None:
    """The slim variant of an official image, of Alpine's the same; None where there is none or the name does not tell.

    ``written`` is what stands behind FROM. Variables in it stay, so that it can still be built with another version.
    """
    if base.family == ALPINE:
        return written
    image, colon, tag = written.rpartition(":")
    name = base.name.rpartition("/")[2]
    if base.digest or base.family != "debian" or name not in written or (not base.tag and colon and "/" not in tag):
        return None
    if not colon or "/" in tag or tag == "latest":
        return f"{image if tag == 'latest' else written}:slim"
    if "slim" in tag.split("-"):
        return written
    release = next((part for part in base.tag.split("-") if part in (*_RELEASES, "buster")), "")
    if release and name not in _CODENAME_LAST:
        return f"{image}:{tag.removesuffix(f'-{release}')}-slim-{release}" if tag.endswith(f"-{release}") else None
    return f"{image}:{tag}-slim" if release or _VERSION.fullmatch(base.tag) else None
