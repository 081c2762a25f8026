"""Release files: what vouches for all of a suite, believed only with a signature, for its suite and in its time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from lissom.distroless.archive.control import parse_paragraph
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.signature import DEBIAN_KEYRING, has_gpgv, verify_detached, verify_inline
from lissom.distroless.archive.snapshot import is_snapshot
from lissom.distroless.archive.sources import Source
from lissom.distroless.archive.uri import shown
from lissom.errors import IntegrityError, RegistryError
from lissom.events import Warned

__all__ = ["Release", "read_release"]

_SKEW = 24 * 3600
_HINT = (
    "a snapshot is of the service that keeps archives of the past, which is to be reached from here;"
    " `sources:` may name another, with URIs that end as …/archive/debian/20261101T000000Z"
)


@dataclass(frozen=True)
class Release:
    """A verified Release file, found at ``uri``: when it was made, and size and sha256 of each index.

    ``sha256`` is of the text that is signed.
    """

    source: Source
    uri: str
    fields: Mapping[str, str]
    date: int
    files: Mapping[str, tuple[int, str]]
    sha256: str

    @property
    def uris(self) -> list[str]:
        """Where its archive is, the place that it came from first."""
        return [self.uri, *(uri for uri in self.source.uris if uri != self.uri)]


def read_release(source: Source, fetcher: Fetcher, *, now: int) -> Release:
    """The Release file of the first mirror that has a good one. Raises RegistryError, IntegrityError of the first."""
    failure: RegistryError | IntegrityError | None = None
    for uri in fetcher.connections.ordered(source.uris):
        try:
            return _read(source, uri, fetcher, now)
        except (RegistryError, IntegrityError) as error:
            failure = failure or error
            if len(source.uris) > 1:
                fetcher.listener(Warned(f"not used: {error.message}"))
    assert failure is not None
    if is_snapshot(source.uri):
        failure.hint = failure.hint or _HINT
    raise failure


def _read(source: Source, uri: str, fetcher: Fetcher, now: int) -> Release:
    directory = source.directory(uri)
    keys = source.signed_by or (DEBIAN_KEYRING,)
    text = _inline(directory, keys, fetcher) if has_gpgv() else None
    if text is None:
        plain, signature = fetcher.find(f"{directory}/Release"), fetcher.find(f"{directory}/Release.gpg")
        if plain is None or signature is None:
            raise RegistryError(f"cannot use `{shown(directory)}`: it has no signed Release file")
        verify_detached(shown(f"{directory}/Release"), plain, signature, keys)
        text = plain
    release = _parsed(source, uri, text)
    _check_dates(release, fetcher, now)
    return release


def _inline(directory: str, keys: Sequence[str], fetcher: Fetcher) -> bytes | None:
    data = fetcher.find(f"{directory}/InRelease")
    return None if data is None else verify_inline(shown(f"{directory}/InRelease"), data, keys)


def _parsed(source: Source, uri: str, text: bytes) -> Release:
    name = shown(f"{source.directory(uri)}/Release")
    fields = parse_paragraph(text.decode("utf-8", "replace"))
    known = (fields.get("Codename"), fields.get("Suite"))
    if not source.is_flat and any(known) and source.suite not in known and not source.suite.endswith("/updates"):
        raise IntegrityError(f"cannot use `{name}`: it is of `{known[0] or known[1]}`, not of `{source.suite}`")
    files = {}
    for line in fields.get("Sha256", "").splitlines():
        if len(words := line.split()) == 3 and words[1].isdecimal():
            files[words[2].removeprefix("./")] = (int(words[1]), words[0].lower())
    return Release(source, uri, fields, _seconds(name, fields, "Date"), files, hashlib.sha256(text).hexdigest())


def _check_dates(release: Release, fetcher: Fetcher, now: int) -> None:
    source, fields, settings = release.source, release.fields, fetcher.settings
    name = shown(f"{source.directory(release.uri)}/Release")
    if settings.check_date and release.date > now + _SKEW:
        raise IntegrityError(
            f"cannot use `{name}`: its date {fields['Date']} is in the future", hint="is this machine's clock right?"
        )
    limited = settings.check_valid_until and source.check_valid_until and "Valid-Until" in fields
    if limited and _seconds(name, fields, "Valid-Until") < now:
        raise IntegrityError(
            f"cannot use `{name}`: it was valid until {fields['Valid-Until']}",
            hint="the mirror may be stale; an archive of the past is `snapshot:` in the spec,"
            " or [check-valid-until=no] in the source",
        )


def _seconds(name: str, fields: Mapping[str, str], field: str) -> int:
    try:
        return int(parsedate_to_datetime(fields[field]).timestamp())
    except (KeyError, ValueError) as error:
        raise IntegrityError(f"cannot use `{name}`: it has no {field}") from error
