"""Where images live, as a user writes it: ``app:1``, ``docker://…``, ``oci:DIR``, archives, the docker daemon."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lissom.errors import UsageError
from lissom.oci.reference import Reference

__all__ = ["Kind", "Place", "parse"]

# Both would otherwise be refused, or read as tags of a repository called sha256.
_IDENTIFIER = re.compile(r"sha256:[0-9a-f]{4,64}|[0-9a-f]{64}")


class Kind(Enum):
    """What holds the image; the value is the word before the colon (the store has none)."""

    STORE = ""
    REGISTRY = "docker"
    OCI = "oci"
    OCI_ARCHIVE = "oci-archive"
    DOCKER_ARCHIVE = "docker-archive"
    DAEMON = "docker-daemon"


@dataclass(frozen=True, slots=True)
class Place:
    """One image somewhere. ``str()`` round-trips through ``parse``.

    Store, registry and daemon places have a ``reference``; directories and archives have a ``path`` and perhaps the
    ``name`` of one image in it. A store place may also be a digest, whole or short; then ``reference`` is None.
    """

    kind: Kind
    name: str = ""
    reference: Reference | None = None
    path: Path | None = None

    def __str__(self) -> str:
        if self.kind is Kind.STORE:
            return self.name
        if self.kind is Kind.REGISTRY:
            return f"docker://{self.name}"
        if self.path is None:
            return f"{self.kind.value}:{self.name}"
        return f"{self.kind.value}:{self.path}" + (f":{self.name}" if self.name else "")


def parse(text: str, *, bare: Kind = Kind.STORE) -> Place:
    """Read a place. ``bare`` says what a text without a prefix means: the store, or a registry as for ``pull``.

    Raises UsageError.
    """
    if text.startswith("docker://"):
        name = text.removeprefix("docker://")
        return Place(Kind.REGISTRY, name, Reference.parse(name))
    word, colon, rest = text.partition(":")
    kinds = {kind.value: kind for kind in Kind if kind.value}
    if not colon or word not in kinds or (word == "docker" and not rest.startswith("//")):
        return _bare(text, bare)
    kind = kinds[word]
    if kind is Kind.DAEMON:
        return Place(kind, rest, Reference.parse(rest))
    path, _, name = rest.partition(":")
    if not path:
        raise UsageError(
            f"cannot read image `{text}`: the path is missing", hint=f"write {word}:PATH or {word}:PATH:TAG"
        )
    return Place(kind, name, None, Path(path))


def _bare(text: str, bare: Kind) -> Place:
    scheme, mark, rest = text.partition("://")
    if mark:
        near = difflib.get_close_matches(scheme, [k.value for k in Kind if k.value], n=1)
        hint = (
            f"did you mean `{near[0]}://{rest}`?" if near == ["docker"] else f"write `docker://{rest}` for a registry"
        )
        raise UsageError(f"cannot read image `{text}`: `{scheme}://` names no kind of place", hint=hint)
    if text.startswith(("/", "./", "../")):
        raise UsageError(
            f"cannot read image `{text}`: a path alone does not say what it holds",
            hint=f"write oci:{text}, oci-archive:{text} or docker-archive:{text}",
        )
    if bare is Kind.STORE and _IDENTIFIER.fullmatch(text):
        return Place(bare, text)
    return Place(bare, text, Reference.parse(text))
