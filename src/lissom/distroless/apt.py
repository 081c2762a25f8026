"""The Debian archive: Release files whose signatures hold, the indexes they vouch for, and packages by their hash."""

from __future__ import annotations

import lzma
import os
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from lissom.distroless.control import Package, parse_paragraph
from lissom.distroless.fetch import Fetcher
from lissom.distroless.index import PackageIndex
from lissom.distroless.signature import (
    DEBIAN_KEYRING,
    has_gpgv,
    require_verifier,
    verify_detached,
    verify_inline,
)
from lissom.distroless.sources import Source
from lissom.errors import IntegrityError, RegistryError
from lissom.events import BlobMoved, Decision, Listener, silent

__all__ = ["Archive", "Release"]

_SKEW = 24 * 3600


@dataclass(frozen=True)
class Release:
    """A verified Release file: when it was made, and size and sha256 of each index."""

    source: Source
    fields: Mapping[str, str]
    date: int
    files: Mapping[str, tuple[int, str]]

    @property
    def directory(self) -> str:
        return f"{self.source.uri}/dists/{self.source.suite.rstrip('/')}"


class Archive:
    """What a list of sources offers. Indexes and packages are kept below ``cache``; what is there is verified."""

    def __init__(
        self, sources: Sequence[Source], fetcher: Fetcher, cache: Path, *, now: int, listener: Listener = silent
    ) -> None:
        require_verifier()
        self.sources = sources
        self.fetcher = fetcher
        self.cache = cache
        self.now = now
        self.listener = listener
        with ThreadPoolExecutor(max(1, min(8, len(sources)))) as pool:
            found = list(pool.map(self._release, sources))
        self.releases = [release for release in found if self._is_debian(release)]
        if not self.releases:
            raise RegistryError("cannot use the apt sources of this machine: none of them is Debian's archive")

    @property
    def date(self) -> int:
        """The time of the newest Release file, seconds since 1970."""
        return max(release.date for release in self.releases)

    def index(self, components: Sequence[str], architecture: str) -> PackageIndex:
        """The packages of ``components`` for ``architecture``. Raises RegistryError, IntegrityError."""
        index = PackageIndex(architecture)
        wanted = [
            (release, f"{component}/binary-{architecture}/Packages")
            for release in self.releases
            for component in components
            if component in release.source.components
        ]
        with ThreadPoolExecutor(4) as pool:
            texts = list(pool.map(lambda one: self._index(*one), wanted))
        for (release, _), text in zip(wanted, texts, strict=True):
            index.add(text, release.source.uri)
        return index

    def download(self, packages: Sequence[Package]) -> dict[str, Path]:
        """The files of ``packages`` by package name, several at once. Raises RegistryError, IntegrityError."""
        total, done = sum(package.size for package in packages), 0
        found: dict[str, Path] = {}
        with ThreadPoolExecutor(4) as pool:
            for package, path in zip(packages, pool.map(self._deb, packages), strict=True):
                found[package.name] = path
                done += package.size
                self.listener(BlobMoved("fetch", f"{len(packages)} packages", done, total))
        return found

    def _deb(self, package: Package) -> Path:
        target = self.cache / "debs" / f"{package.name}_{package.sha256[:32]}.deb"
        uri = f"{package.base}/{package.filename}"
        if not self.fetcher.download(uri, target, sha256=package.sha256, size=package.size):
            raise RegistryError(
                f"cannot fetch `{package}`: the archive has it no more", hint="the index is out of date; try again"
            )
        return target

    def _release(self, source: Source) -> Release:
        directory = f"{source.uri}/dists/{source.suite.rstrip('/')}"
        keys = source.signed_by or (DEBIAN_KEYRING,)
        text = self._inline(directory, keys) if has_gpgv() else None
        if text is None:
            plain, signature = self.fetcher.find(f"{directory}/Release"), self.fetcher.find(f"{directory}/Release.gpg")
            if plain is None or signature is None:
                raise RegistryError(f"cannot use `{directory}`: it has no signed Release file")
            verify_detached(f"{directory}/Release", plain, signature, keys)
            text = plain
        return self._parsed(source, f"{directory}/Release", text.decode("utf-8", "replace"))

    def _inline(self, directory: str, keys: Sequence[str]) -> bytes | None:
        data = self.fetcher.find(f"{directory}/InRelease")
        return None if data is None else verify_inline(f"{directory}/InRelease", data, keys)

    def _parsed(self, source: Source, name: str, text: str) -> Release:
        fields = parse_paragraph(text)
        suite = source.suite.rstrip("/")
        if suite not in (fields.get("Codename"), fields.get("Suite")) and not suite.endswith("/updates"):
            raise IntegrityError(
                f"cannot use `{name}`: it is of `{fields.get('Codename') or fields.get('Suite')}`, not of `{suite}`"
            )
        date = _seconds(name, fields, "Date")
        settings = self.fetcher.settings
        if settings.check_date and date > self.now + _SKEW:
            raise IntegrityError(f"cannot use `{name}`: its date {fields['Date']} is in the future")
        limited = settings.check_valid_until and source.check_valid_until and "Valid-Until" in fields
        if limited and _seconds(name, fields, "Valid-Until") < self.now:
            raise IntegrityError(
                f"cannot use `{name}`: it was valid until {fields['Valid-Until']}",
                hint="a mirror may be stale; for an archive of the past set Acquire::Check-Valid-Until in apt.conf",
            )
        files = {}
        for line in fields.get("Sha256", "").splitlines():
            if len(words := line.split()) == 3 and words[1].isdigit():
                files[words[2]] = (int(words[1]), words[0].lower())
        return Release(source, fields, date, files)

    def _is_debian(self, release: Release) -> bool:
        if release.fields.get("Origin") == "Debian":
            return True
        self.listener(Decision(release.directory, f"not used: it is of {release.fields.get('Origin') or 'no origin'}"))
        return False

    def _index(self, release: Release, name: str) -> str:
        for suffix in (".xz", ".gz", ""):
            if name + suffix not in release.files:
                continue
            size, sha256 = release.files[name + suffix]
            target = self.cache / "indexes" / f"{sha256}{suffix}"
            by_hash = f"{release.directory}/{os.path.dirname(name)}/by-hash/SHA256/{sha256}"
            places = [f"{release.directory}/{name}{suffix}"]
            if release.fields.get("Acquire-By-Hash") == "yes":
                places.insert(0, by_hash)
            if any(self.fetcher.download(uri, target, sha256=sha256, size=size) for uri in places):
                return _plain(places[-1], target.read_bytes(), suffix)
        if name in release.files and release.files[name][0] == 0:
            return ""
        raise RegistryError(f"cannot use `{release.directory}`: it has no {name}")


def _plain(name: str, data: bytes, suffix: str) -> str:
    try:
        plain = lzma.decompress(data) if suffix == ".xz" else zlib.decompress(data, 31) if suffix == ".gz" else data
    except (lzma.LZMAError, zlib.error) as error:
        raise IntegrityError(f"cannot read `{name}`: {error}") from error
    return plain.decode("utf-8", "replace")


def _seconds(name: str, fields: Mapping[str, str], field: str) -> int:
    try:
        return int(parsedate_to_datetime(fields[field]).timestamp())
    except (KeyError, ValueError) as error:
        raise IntegrityError(f"cannot use `{name}`: it has no {field}") from error
