"""Packages files of a suite: fetched by hash, unpacked within bounds, kept as tables."""

from __future__ import annotations

import hashlib
import lzma
import os
import time
import zlib
from pathlib import Path
from typing import Any

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.release import Release
from lissom.distroless.archive.table import Table
from lissom.distroless.archive.uri import shown
from lissom.errors import IntegrityError, RegistryError, StoreError

__all__ = ["read_table"]

_SUFFIXES = (".xz", ".gz", "")
_LARGEST = 1 << 30
_MEMORY = 1 << 30
_KEPT_FOR = 30 * 24 * 3600


def read_table(release: Release, name: str, fetcher: Fetcher, directory: Path) -> Table:
    """The table of one Packages file of ``release``. Raises RegistryError, IntegrityError, StoreError."""
    suffix = next((one for one in _SUFFIXES if name + one in release.files), None)
    place = shown(f"{release.source.directory(release.uri)}/{name}")
    if suffix is None:
        raise RegistryError(f"cannot use `{place}`: the Release file names no such index")
    size, sha256 = release.files[name + suffix]
    kept = directory / f"{sha256}.table"
    if table := Table.read(kept):
        os.utime(kept)
        return table
    if size > _LARGEST:
        raise IntegrityError(f"cannot use `{place}`: {size} bytes are more than an index has")
    target = directory / f"{sha256}{suffix}"
    if size and not fetcher.download(_places(release, name + suffix, sha256), target, sha256=sha256, size=size):
        raise RegistryError(f"cannot fetch `{place}{suffix}`: there is no such file", hint=_HINT)
    try:
        data = target.read_bytes() if size else b""
    except FileNotFoundError:  # another run was quicker: its table is there
        return read_table(release, name, fetcher, directory)
    table = Table.of(_plain(place, data, suffix, release.files.get(name)))
    try:
        table.write(kept)
        target.unlink(missing_ok=True)
        _forget_old(directory)
    except OSError as error:
        raise StoreError(f"cannot write `{kept}`: {error.strerror}") from error
    return table


_HINT = "the mirror may be in the middle of an update; try again in a few minutes"


def _places(release: Release, name: str, sha256: str) -> list[str]:
    """By hash first: a file of that name may be of another moment than the Release file."""
    directories = [release.source.directory(uri) for uri in release.uris]
    named = [f"{directory}/{name}" for directory in directories]
    if release.fields.get("Acquire-By-Hash") != "yes":
        return named
    return [f"{os.path.dirname(place)}/by-hash/SHA256/{sha256}" for place in named] + named


def _plain(place: str, data: bytes, suffix: str, stated: tuple[int, str] | None) -> bytes:
    """The text, never more of it than the Release file says that there is."""
    limit = min(_LARGEST, stated[0] if stated else _LARGEST)
    plain = b""
    try:
        while data:
            reader = _reader(suffix)
            plain += reader.decompress(data, limit + 1 - len(plain)) if reader else data
            if len(plain) > limit:
                raise IntegrityError(f"cannot read `{place}{suffix}`: it unpacks to more than {limit} bytes")
            if reader and not reader.eof:
                raise IntegrityError(f"cannot read `{place}{suffix}`: it ends too early")
            data = reader.unused_data if reader else b""
    except (lzma.LZMAError, zlib.error) as error:
        raise IntegrityError(f"cannot read `{place}{suffix}`: {error}") from error
    if stated and (len(plain), hashlib.sha256(plain).hexdigest()) != stated:
        raise IntegrityError(f"cannot read `{place}{suffix}`: unpacked it is not what the Release file says")
    return plain


def _reader(suffix: str) -> Any:
    if suffix == ".xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)
    return zlib.decompressobj(31) if suffix == ".gz" else None


def _forget_old(directory: Path) -> None:
    """Remove tables of archives that nobody has asked for in a month."""
    for path in directory.glob("*.table"):
        if path.stat().st_mtime < time.time() - _KEPT_FOR:
            path.unlink(missing_ok=True)
