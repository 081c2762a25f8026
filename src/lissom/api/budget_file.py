"""Budgets as they are written: flags, a TOML file, or the file that dive reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lissom.api.budget import Budget, Limit, limit_of
from lissom.context.glob import ignore_expression
from lissom.errors import UsageError

__all__ = ["read_budget", "read_flags"]

_LARGEST = 1 << 20
_DIVE = {
    "lowestEfficiency": "dive-efficiency",
    "highestWastedBytes": "dive-wasted",
    "highestUserWastedPercent": "dive-user-wasted",
}


def read_flags(texts: Iterable[str]) -> tuple[Limit, ...]:
    """Limits as flags: ``200MB`` for the total, ``KEY=LIMIT`` for all others. Raises UsageError."""
    return tuple(_flag(text) for text in texts)


def _flag(text: str) -> Limit:
    key, equals, limit = text.rpartition("=")
    return limit_of(key.strip() if equals else "total", limit)


def read_budget(path: Path) -> Budget:
    """A file of limits: TOML, or YAML if its name says so or is ``.dive-ci``. Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read budget `{path}`: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"cannot read budget `{path}`: it is larger than 1 MiB")
    try:
        text = data.decode()
        return _dive(text) if path.suffix in (".yaml", ".yml") or path.name == ".dive-ci" else _toml(text)
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read budget `{path}`: it is not UTF-8") from error
    except ValueError as error:
        raise UsageError(f"cannot use budget `{path}`: {error}") from error


def _toml(text: str) -> Budget:
    import tomllib

    document = tomllib.loads(text)
    globs = document.pop("ignore", [])
    if not isinstance(globs, list) or not all(isinstance(glob, str) for glob in globs):
        raise ValueError("`ignore` is not a list of globs")
    for glob in globs:
        re.compile(ignore_expression(glob.strip("/")))
    limits = tuple(limit_of(key, _text(key, value)) for key, value in _flat(document))
    return Budget(limits, tuple(globs))


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """``[caches]`` with ``pip = 0`` is ``caches.pip``."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"`{key}` is neither a text nor a number")  # noqa: TRY004 - it is a fault of the file
    return str(value)


def _dive(text: str) -> Budget:
    """What dive's file says; dive's own figures are held against it. A rule that is ``disabled`` is none."""
    import yaml

    try:
        document = yaml.load(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error).replace("\n", " ")) from error
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, dict):
        raise ValueError("it has no `rules`")  # noqa: TRY004 - it is a fault of the file
    unknown = [str(key) for key in rules if key not in _DIVE]
    if unknown:
        raise ValueError(f"there is no rule `{unknown[0]}`: known are {', '.join(_DIVE)}")
    given = ((key, str(value)) for key, value in rules.items() if str(value).lower() != "disabled")
    return Budget(tuple(limit_of(_DIVE[key], value) for key, value in given))
