"""The Class-Path of a jar's manifest (JAR file specification)."""

from __future__ import annotations

import re
import zipfile
from urllib.parse import unquote

from lissom.analysis.zips import DAMAGED
from lissom.rootfs.entry import Content

__all__ = ["class_path"]

_LARGEST_JAR = 1 << 30
_LARGEST_MANIFEST = 1 << 20


def class_path(content: Content, size: int) -> tuple[str, ...]:
    """Paths that the manifest of a jar of ``size`` bytes names, relative to the jar's directory; none for no jar."""
    if size > _LARGEST_JAR:
        return ()
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive, archive.open("META-INF/MANIFEST.MF") as file:
            text = file.read(_LARGEST_MANIFEST).decode(errors="replace")
    except (*DAMAGED, KeyError):
        return ()
    found = re.search(r"^Class-Path: *(.*)$", re.sub(r"\r?\n ", "", text), re.MULTILINE)
    words = found[1].split() if found else []
    return tuple(unquote(word.removeprefix("file:")) for word in words if "://" not in word)
