"""Configuration files of any tool, read with care: whoever wrote them, errors name the file, the line or the key."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lissom.errors import UsageError

__all__ = ["Section", "names_in", "read_json", "read_text", "read_toml"]

_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a file; ``at`` is its place in it, such as ``registry[2].``. Getters raise UsageError by key."""

    file: Path
    at: str
    values: dict[str, Any]

    def text(self, key: str, default: str = "") -> str:
        """A text, ``default`` where the key is missing."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "is not a text")
        return value

    def flag(self, key: str) -> bool:
        """True or false, false where the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one, nothing an empty one."""
        value = self.values.get(key)
        value = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "is not a list of texts")
        return tuple(value)

    def section(self, key: str) -> Section:
        """A table below this one, empty where the key is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "is not a table")
        return Section(self.file, f"{self.at}{key}.", value)

    def sections(self, key: str) -> tuple[Section, ...]:
        """A list of tables below this one."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "is not a list of tables")
        return tuple(Section(self.file, f"{self.at}{key}[{n}].", item) for n, item in enumerate(value, 1))

    def wrong(self, key: str, why: str, *, hint: str | None = None) -> UsageError:
        """The error for a key's value."""
        return UsageError(f"cannot use `{self.file}`: `{self.at}{key}` {why}", hint=hint)


def read_text(file: Path, *, needed: bool = False) -> str | None:
    """The text of a file; None when there is none, and when it may not be read unless it is ``needed``.

    Raises UsageError for what is no text file.
    """
    try:
        mode = file.stat().st_mode
        # /dev/null is how people say that there is no file; a pipe would make us wait.
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
            raise UsageError(f"cannot read `{file}`: it is no file")
        with file.open("rb") as opened:
            raw = opened.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise UsageError(f"cannot read `{file}`: it is longer than {_LONGEST >> 20} MiB")
        return raw.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if isinstance(error, PermissionError) and not needed:
            return None
        raise UsageError(f"cannot read `{file}`: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read `{file}`: it is not UTF-8 ({error.reason} at byte {error.start})") from error
    except ValueError as error:
        raise UsageError(f"cannot read `{str(file)!r}`: {error}") from error


def read_toml(file: Path, *, needed: bool = False) -> Section | None:
    """A TOML file; None where ``read_text`` gives None. Raises UsageError with the line."""
    text = read_text(file, needed=needed)
    if text is None:
        return None
    lines = (line.strip() for line in text.splitlines())
    if all(not line or line.startswith("#") for line in lines):
        # As distributions ship it: nothing but comments, and no reason to load a parser.
        return Section(file, "", {})
    import tomllib  # noqa: PLC0415 - only those who have such a file pay for it

    try:
        return Section(file, "", tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"cannot read `{file}`: {_deep(error)}") from error


def read_json(file: Path) -> Section | None:
    """A JSON file that holds an object; None where ``read_text`` gives None. Raises UsageError with the line."""
    text = read_text(file)
    if text is None:
        return None
    try:
        values = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UsageError(f"cannot read `{file}`: {_deep(error)}") from error
    if not isinstance(values, dict):
        raise UsageError(f"cannot read `{file}`: it is not an object")
    return Section(file, "", values)


def names_in(directory: Path) -> tuple[str, ...]:
    """The names in a directory, sorted; none where there is no directory that may be read."""
    try:
        return tuple(sorted(item.name for item in directory.iterdir()))
    except (OSError, ValueError):
        return ()


def _deep(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
