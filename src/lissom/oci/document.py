"""Descriptors, manifests, indexes and configs: parsed fields beside the raw bytes that their digests are of.

Follows the image specification 1.1 (descriptor, manifest, index, config); docker's schema 2 documents read the same.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.oci.platform import Platform

__all__ = ["Descriptor", "ImageConfig", "Index", "Manifest", "canonical", "media_type_of"]

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
LAYER_GZIP = LAYER + "+gzip"
LAYER_ZSTD = LAYER + "+zstd"
EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
DOCKER_LAYER_GZIP = DOCKER_LAYER + ".gzip"
MANIFEST_TYPES = (MANIFEST, DOCKER_MANIFEST)
INDEX_TYPES = (INDEX, DOCKER_INDEX)
# Registries of old wrote configs without a type of their own.
CONFIG_TYPES = (CONFIG, DOCKER_CONFIG, "application/octet-stream")

_DOCUMENT_LIMIT = 64 << 20


def canonical(document: Any) -> bytes:
    """JSON in one fixed form: no spaces, keys in the order given, UTF-8."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _read(raw: bytes, what: str) -> dict[str, Any]:
    if len(raw) > _DOCUMENT_LIMIT:
        raise IntegrityError(f"cannot read {what}: {len(raw)} bytes are more than the limit of {_DOCUMENT_LIMIT}")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"cannot read {what}: it is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise IntegrityError(f"cannot read {what}: it is not a JSON object")
    return document


def media_type_of(raw: bytes) -> str:
    """The media type that a manifest or index states, or that its fields imply. Raises IntegrityError."""
    document = _read(raw, "manifest")
    stated = document.get("mediaType")
    if isinstance(stated, str) and stated:
        return stated
    if document.get("schemaVersion") == 1:
        raise IntegrityError("cannot read manifest: docker's schema 1 is no longer supported")
    return INDEX if "manifests" in document else MANIFEST


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a blob is, by media type, digest and size in bytes. Unknown fields are carried in ``extra``.

    So is ``data``, the blob itself in base64; what was parsed has it only where digest and size are right.
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, document: Any) -> Descriptor:
        """Read one descriptor. Raises IntegrityError."""
        if not isinstance(document, dict):
            raise IntegrityError("cannot read descriptor: it is not a JSON object")
        size, media_type = document.get("size"), document.get("mediaType")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise IntegrityError(f"cannot read descriptor: size `{size}` is not a number of bytes")
        if not isinstance(media_type, str):
            raise IntegrityError("cannot read descriptor: mediaType is missing")
        annotations = _annotations(document, "descriptor")
        platform = document.get("platform")
        known = {"mediaType", "digest", "size", "annotations", "platform"}
        digest = Digest(str(document.get("digest")))
        if document.get("data") is not None:
            _check_data(document["data"], digest, size)
        return cls(
            media_type,
            digest,
            size,
            annotations,
            Platform.of(platform) if isinstance(platform, dict) else None,
            {k: v for k, v in document.items() if k not in known},
        )

    @property
    def artifact_type(self) -> str:
        """What kind of artifact a manifest is; empty for what does not say."""
        return _text(self.extra.get("artifactType"))

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        if self.annotations:
            document["annotations"] = dict(self.annotations)
        if self.platform:
            names = {
                "architecture": self.platform.architecture,
                "os": self.platform.os,
                "variant": self.platform.variant,
            }
            document["platform"] = {k: v for k, v in names.items() if v}
        return document | dict(self.extra)


def _check_data(data: Any, digest: Digest, size: int) -> None:
    try:
        raw = base64.b64decode(data, validate=True) if isinstance(data, str) else None
    except (binascii.Error, ValueError):
        raw = None
    hasher = digest.hasher()
    hasher.update(raw or b"")
    if raw is None or len(raw) != size or hasher.hexdigest() != digest.hex:
        raise IntegrityError(f"cannot read descriptor `{digest}`: its data are not what its digest and size say")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _subject(document: Mapping[str, Any]) -> Descriptor | None:
    subject = document.get("subject")
    return None if subject is None else Descriptor.parse(subject)


def _annotations(document: Mapping[str, Any], what: str) -> Mapping[str, str]:
    found = document.get("annotations") or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise IntegrityError(f"cannot read {what}: annotations are not a map of strings")
    return found


def _descriptors(value: Any, what: str) -> tuple[Descriptor, ...]:
    if not isinstance(value, list):
        raise IntegrityError(f"cannot read {what}: its list of descriptors is missing")
    return tuple(Descriptor.parse(item) for item in value)


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image manifest. ``raw`` is what the digest is of; ``parse`` keeps it, ``make`` writes it.

    ``subject`` is what it refers to, as a bill does to its image. ``artifact_type`` is what it says it is, else its
    config's media type; empty for an image.
    """

    raw: bytes
    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str]
    subject: Descriptor | None = None
    artifact_type: str = ""

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        """Read a manifest, OCI's or docker's schema 2. Raises IntegrityError."""
        media_type = media_type_of(raw)
        if media_type not in MANIFEST_TYPES:
            raise IntegrityError(f"cannot read manifest: media type `{media_type}` is not an image manifest")
        document = _read(raw, "manifest")
        config = Descriptor.parse(document.get("config"))
        layers = _descriptors(document.get("layers"), "manifest")
        annotations, subject = _annotations(document, "manifest"), _subject(document)
        stated = _text(document.get("artifactType"))
        kind = stated or ("" if config.media_type in CONFIG_TYPES else config.media_type)
        return cls(raw, media_type, config, layers, annotations, subject, kind)

    @classmethod
    def make(
        cls,
        config: Descriptor,
        layers: Sequence[Descriptor],
        annotations: Mapping[str, str] | None = None,
        *,
        subject: Descriptor | None = None,
        artifact_type: str = "",
    ) -> Manifest:
        """Write an OCI manifest."""
        document: dict[str, Any] = {"schemaVersion": 2, "mediaType": MANIFEST}
        if artifact_type:
            document["artifactType"] = artifact_type
        document |= {"config": config.to_json(), "layers": [layer.to_json() for layer in layers]}
        if subject:
            document["subject"] = subject.to_json()
        if annotations:
            document["annotations"] = dict(annotations)
        return cls.parse(canonical(document))

    @property
    def is_image(self) -> bool:
        """Whether it has the config of an image; what has another one is an artifact."""
        return self.config.media_type in CONFIG_TYPES

    @property
    def digest(self) -> Digest:
        return Digest.of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, self.digest, len(self.raw))


@dataclass(frozen=True, slots=True)
class Index:
    """An image index: one manifest for each platform, or indexes again."""

    raw: bytes
    media_type: str
    manifests: tuple[Descriptor, ...]
    annotations: Mapping[str, str]
    subject: Descriptor | None = None
    artifact_type: str = ""

    @classmethod
    def parse(cls, raw: bytes) -> Index:
        """Read an index, OCI's or docker's manifest list. Raises IntegrityError."""
        media_type = media_type_of(raw)
        if media_type not in INDEX_TYPES:
            raise IntegrityError(f"cannot read index: media type `{media_type}` is not an image index")
        document = _read(raw, "index")
        manifests = _descriptors(document.get("manifests"), "index")
        annotations, subject = _annotations(document, "index"), _subject(document)
        return cls(raw, media_type, manifests, annotations, subject, _text(document.get("artifactType")))

    @classmethod
    def make(cls, manifests: Sequence[Descriptor], annotations: Mapping[str, str] | None = None) -> Index:
        """Write an OCI index."""
        document: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [m.to_json() for m in manifests],
        }
        if annotations:
            document["annotations"] = dict(annotations)
        return cls.parse(canonical(document))

    @property
    def digest(self) -> Digest:
        return Digest.of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, self.digest, len(self.raw))


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image config. Unknown JSON is kept: ``document`` is the whole, the properties are its known parts."""

    raw: bytes
    document: Mapping[str, Any]
    diff_ids: tuple[Digest, ...]
    history: tuple[Mapping[str, Any], ...]
    platform: Platform

    @classmethod
    def parse(cls, raw: bytes) -> ImageConfig:
        """Read a config. Raises IntegrityError."""
        document = _read(raw, "config")
        rootfs = document.get("rootfs") or {}
        diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        history = document.get("history") or []
        if not isinstance(history, list) or not all(isinstance(h, dict) for h in history):
            raise IntegrityError("cannot read config: history is not a list of objects")
        if not isinstance(document.get("config") or {}, dict):
            raise IntegrityError("cannot read config: config is not an object")
        _check_settings(document.get("config") or {})
        if not isinstance(diff_ids or [], list):
            raise IntegrityError("cannot read config: diff_ids is not a list")
        parsed = tuple(Digest(str(d)) for d in diff_ids or [])
        return cls(raw, document, parsed, tuple(history), Platform.of(document))

    @classmethod
    def make(cls, document: Mapping[str, Any]) -> ImageConfig:
        """Write a config in canonical form."""
        return cls.parse(canonical(document))

    @property
    def config(self) -> Mapping[str, Any]:
        """The execution parameters: Env, Cmd, Entrypoint, Labels and so on."""
        found: Mapping[str, Any] = self.document.get("config") or {}
        return found

    @property
    def digest(self) -> Digest:
        return Digest.of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(CONFIG, self.digest, len(self.raw))


_TEXTS = ("User", "WorkingDir", "StopSignal")
_LISTS = ("Env", "Cmd", "Entrypoint", "OnBuild", "Shell")
_OBJECTS = ("Labels", "ExposedPorts", "Volumes", "Healthcheck")


def _check_settings(settings: Mapping[str, Any]) -> None:
    """Raise IntegrityError for execution parameters whose types no container runtime could use; null is none."""
    for name in _TEXTS:
        if not isinstance(settings.get(name) or "", str):
            raise IntegrityError(f"cannot read config: {name} is not a string")
    for name in _LISTS:
        value = settings.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise IntegrityError(f"cannot read config: {name} is not a list of strings")
    for name in _OBJECTS:
        if not isinstance(settings.get(name) or {}, dict):
            raise IntegrityError(f"cannot read config: {name} is not an object")
    if not all(isinstance(value, str) for value in (settings.get("Labels") or {}).values()):
        raise IntegrityError("cannot read config: a label is not a string")
