"""The file that ``--config`` names: what would otherwise be flags, as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lissom.errors import UsageError

__all__ = ["Settings", "read_settings"]

_TEXTS = ("root", "progress", "authfile", "ca-file")
_SECONDS = ("connect-deadline", "stall-deadline", "longest-wait")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says; a key is a field's name with ``-`` for ``_``. Flags and the environment beat it.

    ``mirrors`` are addresses by the registry, or part of one, that they serve. Deadlines and waits are seconds.
    """

    root: str | None = None
    progress: str | None = None
    authfile: str | None = None
    ca_file: str | None = None
    insecure_registries: tuple[str, ...] = ()
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mirrors_only: bool = False
    connect_deadline: float | None = None
    stall_deadline: float | None = None
    longest_wait: float | None = None
    attempts: int | None = None


def read_settings(path: Path) -> Settings:
    """Read a file; unknown keys and wrong types are refused by name. Raises UsageError."""
    import difflib
    import tomllib

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read settings `{path}`: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read settings `{path}`: {error}") from error
    known = [item.name.replace("_", "-") for item in fields(Settings)]
    for key in document:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(known)
            raise UsageError(f"cannot use settings `{path}`: there is no `{key}`", hint=hint)
    return Settings(**{key.replace("-", "_"): _checked(path, key, value) for key, value in document.items()})


def _checked(path: Path, key: str, value: Any) -> Any:
    if key in _TEXTS:
        return _known(path, key, value, isinstance(value, str), "a text")
    if key in _SECONDS:
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6
        return _known(path, key, value, number, "a number of seconds")
    if key == "attempts":
        return _known(path, key, value, type(value) is int and 0 < value <= 100, "a number from 1 to 100")
    if key == "mirrors-only":
        return _known(path, key, value, isinstance(value, bool), "true or false")
    if key == "mirrors":
        _known(path, key, value, isinstance(value, dict), "a table of mirrors by registry")
        return {name: _texts(path, f"mirrors.{name}", item) for name, item in value.items()}
    return _texts(path, key, value)


def _texts(path: Path, key: str, value: Any) -> tuple[str, ...]:
    value = [value] if isinstance(value, str) and key.startswith("mirrors.") else value
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return tuple(_known(path, key, value, texts, "a list of texts"))


def _known(path: Path, key: str, value: Any, right: bool, what: str) -> Any:
    if not right:
        raise UsageError(f"cannot use settings `{path}`: `{key}` is not {what}")
    return value
