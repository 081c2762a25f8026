"""The lock of a spec: every package of each architecture by version and SHA-256, as JSON beside the spec."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lissom.distroless.archive.control import Package
from lissom.distroless.archive.sources import Source
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.choice import Chosen, decisive
from lissom.errors import StoreError, UsageError

__all__ = ["Lock", "LockedArchitecture", "LockedSource", "fingerprint", "read_lock", "write_lock"]

_FORMAT = 1
_FORMS = {
    "name": r"[a-zA-Z0-9][a-zA-Z0-9+.-]*",
    "version": r"[a-zA-Z0-9][a-zA-Z0-9+.:~-]*",
    "architecture": r"[a-z0-9][a-z0-9-]*",
    "sha256": r"[0-9a-f]{64}",
    "uri": r"[^\s\x00-\x1f\x7f]+",
    "filename": r"(?!/)(?!(.*/)?\.\.(/|$))[^\x00-\x20\x7f\\]+",
}


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A suite that the packages are of, and the date and digest of the Release file that vouched for it."""

    source: Source
    date: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LockedArchitecture:
    """The packages of one architecture. ``date`` is the archive's, seconds since 1970."""

    date: int
    sources: tuple[LockedSource, ...]
    packages: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """What a spec came to. ``spec`` is the digest of the parts of it that decide the packages."""

    spec: str
    architectures: Mapping[str, LockedArchitecture]


def fingerprint(spec: Spec) -> str:
    """The digest of what decides the packages of ``spec``; two specs of one digest have the same packages."""
    text = json.dumps(decisive(spec), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def write_lock(lock: Lock, path: Path) -> None:
    """Put the lock at ``path`` at once and whole. The same lock gives the same bytes. Raises StoreError."""
    document = {
        "lissom-lock": _FORMAT,
        "spec": lock.spec,
        "architectures": {name: _written(one) for name, one in sorted(lock.architectures.items())},
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with open(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fchmod(handle, 0o644)
                os.fsync(handle)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise StoreError(f"cannot write `{path}`: {error.strerror}") from error


def read_lock(path: Path) -> Lock:
    """The lock at ``path``. Raises UsageError for one that is damaged or of a later lissom."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["lissom-lock"] != _FORMAT:
            raise UsageError(f"cannot use lock `{path}`: its format is {document['lissom-lock']}, not {_FORMAT}")
        architectures = {str(name): _read(one) for name, one in document["architectures"].items()}
        return Lock(str(document["spec"]), architectures)
    except OSError as error:
        raise UsageError(f"cannot read lock `{path}`: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        cause = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error) or "it is no lock"
        raise UsageError(f"cannot use lock `{path}`: {cause}", hint="write it anew with --lock") from error


def _written(locked: LockedArchitecture) -> dict[str, Any]:
    return {
        "date": locked.date,
        "sources": [
            _without_empty(
                uri=one.source.uri,
                mirrors=list(one.source.mirrors),
                suite=one.source.suite,
                components=list(one.source.components),
                signed_by=list(one.source.signed_by),
                date=one.date,
                sha256=one.sha256,
            )
            for one in locked.sources
        ],
        "packages": [
            _without_empty(
                name=one.package.name,
                version=one.package.version,
                architecture=one.package.architecture,
                sha256=one.package.sha256,
                size=one.package.size,
                uri=one.package.base,
                filename=one.package.filename,
                needed_by=one.needed_by,
                automatic=one.automatic,
            )
            for one in locked.packages
        ],
    }


def _without_empty(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", [], False)}


def _read(document: Any) -> LockedArchitecture:
    sources = tuple(
        LockedSource(
            Source(
                _text(one, "uri"),
                str(one["suite"]),
                _texts(one.get("components", [])),
                _texts(one.get("signed_by", [])),
                mirrors=_texts(one.get("mirrors", [])),
            ),
            _number(one, "date"),
            _text(one, "sha256"),
        )
        for one in document["sources"]
    )
    packages = tuple(
        Chosen(_package(one), str(one.get("needed_by", "")), bool(one.get("automatic"))) for one in document["packages"]
    )
    return LockedArchitecture(_number(document, "date"), sources, packages)


def _package(document: Any) -> Package:
    fields = {
        "Package": _text(document, "name"),
        "Version": _text(document, "version"),
        "Architecture": _text(document, "architecture"),
        "Filename": _text(document, "filename"),
        "Size": str(_number(document, "size")),
        "Sha256": _text(document, "sha256"),
    }
    return Package(fields, _text(document, "uri"))


def _text(document: Any, name: str) -> str:
    text = document[name]
    if not isinstance(text, str) or not re.fullmatch(_FORMS[name], text):
        raise ValueError(f"`{str(text)[:80]}` is no {name}")
    return text


def _number(document: Any, name: str) -> int:
    number = document[name]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 40:
        raise ValueError(f"`{str(number)[:80]}` is no {name}")
    return number


def _texts(document: Any) -> tuple[str, ...]:
    if not isinstance(document, list) or not all(isinstance(one, str) for one in document):
        raise ValueError("this is to be a list of texts")
    return tuple(document)
