"""Hold an image's config against what it must say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lissom.verify.probe import Config, Wanted

__all__ = ["SETTINGS", "find_config_fault"]

SETTINGS = ("env", "labels", "ports", "volumes", "entrypoint", "cmd", "workdir", "user")


def find_config_fault(wanted: Config, config: Mapping[str, Any]) -> str | None:
    """What the config (the ``config`` member of the document) says otherwise, None when nothing."""
    return next(filter(None, (_find_fault(one, config) for one in wanted.wanted)), None)


def _find_fault(wanted: Wanted, config: Mapping[str, Any]) -> str | None:
    match wanted.setting:
        case "env" | "labels":
            return _find_pair_fault(wanted, _pairs(wanted.setting, config))
        case "ports" | "volumes":
            return _find_member_fault(wanted, config)
        case "entrypoint" | "cmd":
            found = _words(config.get("Entrypoint" if wanted.setting == "entrypoint" else "Cmd"))
            return None if found == wanted.values else f"{wanted.setting} is {list(found)}, not {list(wanted.values)}"
        case _:
            text = str(config.get("WorkingDir" if wanted.setting == "workdir" else "User") or "")
            return None if (text,) == wanted.values else f"{wanted.setting} is `{text}`, not `{wanted.values[0]}`"


def _find_pair_fault(wanted: Wanted, found: Mapping[str, str]) -> str | None:
    what = f"{'variable' if wanted.setting == 'env' else 'label'} `{wanted.key}`"
    if wanted.absent:
        return f"{what} is set" if wanted.key in found else None
    if wanted.key not in found:
        return f"{what} is not set"
    value, expected = found[wanted.key], wanted.values[0]
    if re.search(expected, value) if wanted.pattern else value == expected:
        return None
    return f"{what} is `{value}`, not `{expected}`"


def _find_member_fault(wanted: Wanted, config: Mapping[str, Any]) -> str | None:
    ports = wanted.setting == "ports"
    raw = config.get("ExposedPorts" if ports else "Volumes")
    found = {str(key).removesuffix("/tcp") if ports else str(key) for key in raw} if isinstance(raw, dict) else set()
    key = wanted.key.removesuffix("/tcp") if ports else wanted.key
    if (key in found) is not wanted.absent:
        return None
    return f"{'port' if ports else 'volume'} {wanted.key} is {'there' if wanted.absent else 'not there'}"


def _pairs(setting: str, config: Mapping[str, Any]) -> dict[str, str]:
    if setting == "env":
        return dict(word.partition("=")[::2] for word in _words(config.get("Env")))
    labels = config.get("Labels")
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
