"""Users and passwords of archives by host and path, as apt has them; see apt_auth.conf(5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lissom.errors import UsageError

__all__ = ["Login", "read_logins"]


@dataclass(frozen=True, slots=True)
class Login:
    """Who one is at URIs that begin with ``machine``: a host, perhaps with a scheme before and a path after it."""

    machine: str
    user: str = ""
    password: str = ""

    def fits(self, uri: str) -> bool:
        """Whether ``uri`` is of this machine. Without a scheme the password goes through https only."""
        machine = self.machine if "://" in self.machine else f"https://{self.machine}"
        rest = uri[len(machine) :] if uri.startswith(machine) else None
        return rest is not None and (rest[:1] in ("", "/") or machine.endswith("/") or rest[:1] == ":")


def read_logins(directory: Path) -> tuple[Login, ...]:
    """The logins of ``auth.conf`` and ``auth.conf.d`` in ``directory`` (such as /etc/apt). Raises UsageError.

    Files that only others may read are left out, as apt does it for ordinary users.
    """
    found: list[Login] = []
    for file in (directory / "auth.conf", *sorted((directory / "auth.conf.d").glob("*.conf"))):
        try:
            found += _logins(file.read_text(encoding="utf-8").split())
        except (FileNotFoundError, PermissionError):
            continue
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read `{file}`: {getattr(error, 'strerror', None) or error}") from error
    return tuple(found)


def _logins(words: list[str]) -> Iterator[Login]:
    fields: dict[str, str] = {}
    for name, value in zip(words[::2], words[1::2], strict=False):
        if name == "machine":
            if "machine" in fields:
                yield Login(**fields)
            fields = {}
        key = {"machine": "machine", "login": "user", "password": "password"}.get(name)
        if key is None:
            raise ValueError(f"`{name}` is none of machine, login, password")
        fields[key] = value
    if "machine" in fields:
        yield Login(**fields)
