"""Attaching files to an image: an artifact whose subject the image is, put beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from lissom.api.access import Access
from lissom.api.places import Kind, Place, parse
from lissom.api.referring import CREATED
from lissom.api.transfer import way_to
from lissom.archive.layout import Layout
from lissom.errors import UsageError
from lissom.image.image import put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import EMPTY, Descriptor, Manifest
from lissom.oci.platform import Platform
from lissom.registry.client import Registry
from lissom.store.store import Store

__all__ = ["TITLE", "File", "attach", "attached_bytes", "media_type_of_file"]

TITLE = "org.opencontainers.image.title"

_UNKNOWN = "application/vnd.unknown.artifact.v1"
_BYTES = "application/octet-stream"
_BY_END = {
    ".spdx.json": "application/spdx+json", ".cdx.json": "application/vnd.cyclonedx+json",
    ".intoto.json": "application/vnd.in-toto+json", ".intoto.jsonl": "application/vnd.in-toto+json",
    ".sarif": "application/sarif+json", ".sarif.json": "application/sarif+json", ".json": "application/json",
    ".txt": "text/plain", ".md": "text/markdown", ".html": "text/html", ".yaml": "application/yaml",
    ".yml": "application/yaml", ".xml": "application/xml", ".pdf": "application/pdf", ".tar": "application/x-tar",
    ".tar.gz": "application/gzip", ".tgz": "application/gzip", ".zst": "application/zstd",
}  # fmt: skip
# RFC 6838, 4.2
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")
_EMPTY = b"{}"


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach, of a media type."""

    path: Path
    media_type: str


def media_type_of_file(path: Path) -> str:
    """What the end of a file's name says of its content."""
    ends = (end for end in sorted(_BY_END, key=len, reverse=True) if path.name.lower().endswith(end))
    return next((_BY_END[end] for end in ends), _BYTES)


def attach(
    access: Access,
    text: str,
    files: Sequence[File],
    *,
    artifact_type: str = "",
    annotations: Mapping[str, str] | None = None,
    platform: Platform | None = None,
    created: int | None = None,
) -> Descriptor:
    """Attach files to what ``text`` names, an index as it is or its image for ``platform``; gives the artifact.

    The artifact's type is, unless said, what all files are. ``created`` is in seconds since 1970, None for now.
    Raises UsageError, RegistryError, StoreError, IntegrityError.
    """
    names = [one.path.name for one in files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"cannot attach `{twice}` twice: files of an artifact are told apart by their names")
    kinds = {one.media_type for one in files} - {_BYTES}
    kind = artifact_type or (kinds.pop() if len(kinds) == 1 else _UNKNOWN)
    for word in (kind, *(one.media_type for one in files)):
        _check(word)
    with _opened(access, text, platform) as (place, subject):
        layers = [_put(place, one) for one in files]
        return _refer(place, subject, layers, kind, {CREATED: _time(created), **(annotations or {})})


def attached_bytes(
    access: Access, text: str, name: str, data: bytes, media_type: str, *, platform: Platform | None, created: int
) -> Descriptor:
    """Attach one file that is at hand to an image, never to an index; the same again for the same bytes and time."""
    with _opened(access, text, platform, alone=True) as (place, subject):
        layer = Descriptor(media_type, Digest.of(data), len(data), {TITLE: name})
        put_bytes(place, layer, data)
        return _refer(place, subject, [layer], media_type, {CREATED: _time(created)})


def _check(media_type: str) -> None:
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise UsageError(
            f"cannot use `{media_type}` as a type: it is no media type", hint="such as application/vnd.example.report"
        )


@contextmanager
def _opened(
    access: Access, text: str, platform: Platform | None, *, alone: bool = False
) -> Iterator[tuple[Store | Registry | Layout, Descriptor]]:
    """The place of an image, to be written to, and the image in it."""
    place = parse(text)
    sink = _place(access, place)
    if isinstance(sink, Store):
        found = sink.resolve(place.name)
    elif isinstance(sink, Layout):
        found = sink.find(place.name)
    else:
        assert place.reference is not None
        found = sink.get_manifest(place.reference)
    subject = way_to(found, sink, platform)[-1] if platform or alone else found
    yield sink, Descriptor(subject.media_type, subject.digest, subject.size)


def _place(access: Access, place: Place) -> Store | Registry | Layout:
    if place.kind is Kind.STORE:
        return access.store
    if place.kind is Kind.REGISTRY and place.reference:
        return access.registry(place.reference, at_origin=True)
    if place.kind is Kind.OCI and place.path:
        return Layout.open_directory(place.path)
    raise UsageError(
        f"cannot attach to `{place}`: an archive is written once",
        hint="attach to the image where it comes from, and `lissom copy --referrers` it",
    )


def _put(place: Store | Registry | Layout, file: File) -> Descriptor:
    try:
        with file.path.open("rb", buffering=0) as stream:
            hasher, size = hashlib.sha256(), 0
            while piece := stream.read(1 << 20):
                hasher.update(piece)
                size += len(piece)
            digest = Digest(f"sha256:{hasher.hexdigest()}")
            layer = Descriptor(file.media_type, digest, size, {TITLE: file.path.name})
            stream.seek(0)
            place.put(layer, cast("BinaryIO", stream))
    except OSError as error:
        raise UsageError(f"cannot attach `{file.path}`: {error.strerror}") from error
    return layer


def _time(seconds: int | None) -> str:
    when = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _refer(
    place: Store | Registry | Layout,
    subject: Descriptor,
    layers: Sequence[Descriptor],
    kind: str,
    annotations: Mapping[str, str],
) -> Descriptor:
    config = Descriptor(EMPTY, Digest.of(_EMPTY), len(_EMPTY))
    put_bytes(place, config, _EMPTY)
    embedded = replace(config, extra={"data": base64.b64encode(_EMPTY).decode()})
    made = Manifest.make(embedded, layers, annotations, subject=subject, artifact_type=kind)
    return place.put_manifest(made.raw, made.media_type, None)
