"""Names of images: docker's reference grammar, normalised and familiar forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from lissom.errors import IntegrityError, UsageError
from lissom.oci.digest import Digest

__all__ = ["Reference"]

_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_DOMAIN = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
    r"|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
)
_TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Reference:
    """One image in one repository, in normalised form: ``nginx`` is ``docker.io/library/nginx:latest``.

    A digest beats a tag. ``str()`` round-trips through ``parse``.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference as docker does; without tag and digest the tag is ``latest``. Raises UsageError."""
        rest, digest = text, None
        if "@" in rest:
            rest, _, encoded = rest.partition("@")
            try:
                digest = Digest(encoded)
            except IntegrityError as error:
                raise UsageError(f"cannot read image reference `{text}`: {error.message}") from error
        if re.fullmatch(r"[0-9a-f]{64}", rest):
            raise UsageError(
                f"cannot read image reference `{text}`: 64 hex digits are an identifier, not a repository",
                hint="write name@sha256:… to name an image by digest",
            )
        tag = None
        head, colon, tail = rest.rpartition(":")
        if colon and "/" not in tail and not tail.endswith("]"):
            rest, tag = head, tail
            if not _TAG.fullmatch(tag):
                raise UsageError(f"cannot read image reference `{text}`: `{tag}` is not a tag")
        try:
            registry, repository = _parse_name(rest)
        except UsageError as error:
            raise UsageError(f"cannot read image reference `{text}`: {error.message}", hint=error.hint) from None
        if tag is None and digest is None:
            tag = "latest"
        return cls(registry, repository, tag, digest)

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar(self) -> str:
        """The shortest form that means the same, as ``docker images`` shows it."""
        return self._joined(self.familiar_name)

    @property
    def familiar_name(self) -> str:
        """The name as a user would write it: without ``docker.io/`` and ``library/``."""
        if self.registry != _HUB:
            return self.name
        return self.repository.removeprefix("library/") if self.repository.count("/") == 1 else self.repository

    @property
    def host(self) -> str:
        """The host to contact: the Hub's API lives elsewhere than its name says."""
        return "registry-1.docker.io" if self.registry == _HUB else self.registry

    def with_tag(self, tag: str) -> Reference:
        return replace(self, tag=tag, digest=None)

    def with_digest(self, digest: Digest) -> Reference:
        return replace(self, digest=digest)

    def __str__(self) -> str:
        return self._joined(self.name)

    def _joined(self, name: str) -> str:
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def _split_domain(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and (any(c in first for c in ".:") or first == "localhost" or first != first.lower()):
        return (_HUB if first == "index.docker.io" else first), rest
    return _HUB, name


@lru_cache(1024)
def _parse_name(name: str) -> tuple[str, str]:
    """Registry and repository; remembered, since stores have thousands of tags of few repositories."""
    registry, repository = _split_domain(name)
    if not _DOMAIN.fullmatch(registry):
        raise UsageError(f"`{registry}` is not a registry host")
    _check_repository(repository)
    if registry == _HUB and "/" not in repository:
        repository = f"library/{repository}"
    if len(registry) + 1 + len(repository) > 255:
        raise UsageError("the name is longer than 255 characters")
    return registry, repository


def _check_repository(repository: str) -> None:
    if not repository:
        raise UsageError("the repository name is missing")
    if repository != repository.lower():
        raise UsageError("repository name must be lowercase", hint=f"write `{repository.lower()}`")
    for component in repository.split("/"):
        if not _COMPONENT.fullmatch(component):
            raise UsageError(f"`{component}` is not a repository component")
