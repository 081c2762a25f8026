"""What a 401 asks for: WWW-Authenticate headers, and scopes of tokens (RFC 7235, the token specification)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Challenge", "joined_scopes", "parse_challenges", "repository_of", "scope_of"]


@dataclass(frozen=True, slots=True)
class Challenge:
    """One scheme of a WWW-Authenticate header with its parameters; names are in lower case."""

    scheme: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return dict(self.parameters).get(name, "")


_PARAMETER = re.compile(r'\s*,?\s*([A-Za-z0-9_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][A-Za-z0-9_.-]*)(?=\s|$|,)(?!\s*=)")


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Read a WWW-Authenticate header. What cannot be read is left out."""
    found, at = [], 0
    while match := _SCHEME.match(header, at):
        at, parameters = match.end(), []
        while pair := _PARAMETER.match(header, at):
            quoted = pair[2]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else pair[3]
            parameters.append((pair[1].lower(), value))
            at = pair.end()
        found.append(Challenge(match[1].lower(), tuple(parameters)))
    return tuple(found)


def joined_scopes(*many: Iterable[str]) -> list[str]:
    """Scopes that allow what any of ``many`` allow, one for each resource, sorted."""
    actions: dict[str, list[str]] = {}
    for scope in (scope for scopes in many for scope in scopes):
        resource, _, wanted = scope.rpartition(":")
        known = actions.setdefault(resource or scope, [])
        known += [one for one in wanted.split(",") if resource and one not in known]
    return sorted(f"{resource}:{','.join(wanted)}" if wanted else resource for resource, wanted in actions.items())


def scope_of(repository: str, actions: str) -> str:
    """The scope that allows ``actions`` (``pull``, ``push``, ``delete``, joined by commas) on a repository."""
    return f"repository:{repository}:{actions}"


def repository_of(scopes: Iterable[str]) -> str:
    """The repository that scopes are about; with several the one that most is wanted of (a mount reads another)."""
    found = [scope.split(":") for scope in sorted(scopes) if scope.startswith("repository:")]
    return max(found, key=lambda parts: parts[-1].count(","))[1] if found else ""
