"""Whom to be for PostgreSQL: a value only."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Login"]


@dataclass(frozen=True, slots=True)
class Login:
    """A role, its password, and the database to connect to; an empty one is the role's name, as for the server."""

    user: str = "postgres"
    password: str = field(default="", repr=False)
    database: str = ""
