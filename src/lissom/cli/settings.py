"""The file that ``--config`` names: what would otherwise be flags, as TOML."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lissom.errors import UsageError

__all__ = ["Settings", "read_settings"]

_TEXTS = ("root", "progress", "authfile", "ca-file")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says; a key is a field's name with ``-`` for ``_``. Flags and the environment beat it."""

    root: str | None = None
    progress: str | None = None
    authfile: str | None = None
    ca_file: str | None = None
    insecure_registries: tuple[str, ...] = ()


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
    known = [field.name.replace("_", "-") for field in fields(Settings)]
    for key in document:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(known)
            raise UsageError(f"cannot use settings `{path}`: there is no `{key}`", hint=hint)
    return Settings(**{key.replace("-", "_"): _checked(path, key, value) for key, value in document.items()})


def _checked(path: Path, key: str, value: Any) -> Any:
    if key in _TEXTS:
        if not isinstance(value, str):
            raise UsageError(f"cannot use settings `{path}`: `{key}` is not a text")
        return value
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"cannot use settings `{path}`: `{key}` is not a list of texts")
    return tuple(value)
