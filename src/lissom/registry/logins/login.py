"""Who a user is to a registry, and whoever knows that."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Credentials", "Login", "NoCredentials"]


@dataclass(frozen=True, slots=True)
class Login:
    """What a user proved to a registry before. ``identity_token`` buys tokens, ``registry_token`` is one.

    ``kept_in`` names the file or program that it comes from, for messages; no two logins differ by it.
    """

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""
    kept_in: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return f"Login({self.username!r})"

    @property
    def basic(self) -> str | None:
        """The header of RFC 7617, or None when there is no user name."""
        if not self.username:
            return None
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        return tuple(s for s in (self.password, self.identity_token, self.registry_token) if s)


class Credentials(Protocol):
    """Where logins are kept.

    ``registry`` is a reference's, such as ``docker.io`` or ``localhost:5000``; ``repository`` is what it is asked for,
    since there may be logins for a part of a registry.
    """

    def find(self, registry: str, repository: str = "") -> Login | None: ...


class NoCredentials:
    """Nobody is logged in anywhere."""

    def find(self, registry: str, repository: str = "") -> Login | None:  # noqa: ARG002 (the protocol's)
        """None."""
        return None
