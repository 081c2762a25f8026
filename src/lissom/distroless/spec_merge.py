"""Settings laid over settings: what a spec says over what it includes, a variant over its spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lissom.distroless.spec import Wish

__all__ = ["Settings", "merged", "tagged"]

_WHOLE = ("entrypoint", "cmd")  # one command, not a list of things

Settings = Mapping[str, Any]
"""Values of settings by name; ``variants`` is a map of further ones."""


def merged(below: Settings, above: Settings) -> Settings:
    """``above`` laid over ``below``: lists are joined, maps merged, everything else is replaced.

    As in a Dockerfile, an entrypoint takes the command below it away.
    """
    result = dict(below)
    if isinstance(above.get("entrypoint"), tuple):
        result.pop("cmd", None)
    for name, value in above.items():
        old = result.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[name] = merged(old, value)
        elif isinstance(value, tuple) and isinstance(old, tuple) and name not in _WHOLE:
            result[name] = tuple(dict.fromkeys(old + value))
        elif isinstance(value, Wish) and isinstance(old, Wish):
            result[name] = value.over(old)
        else:
            result[name] = value
    return result


def tagged(name: str, variant: str) -> str:
    """``distroless/base`` is ``distroless/base:debug`` with a variant, and ``app:1`` is ``app:1-debug``."""
    if not name or "@" in name:
        return name
    return f"{name}-{variant}" if ":" in name.rpartition("/")[2] else f"{name}:{variant}"
