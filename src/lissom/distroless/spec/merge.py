"""Settings laid over settings: what a spec says over what it includes, a variant over its spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lissom.distroless.spec.spec import Wish

__all__ = ["Settings", "merged", "tagged"]

_WHOLE = ("entrypoint", "cmd")  # one command, not a list of things

Settings = Mapping[str, Any]
"""Values of settings by name; ``variants`` is a map of further ones."""


def merged(below: Settings, above: Settings) -> Settings:
    """``above`` laid over ``below``: lists are joined, maps merged, everything else is replaced.

    As in a Dockerfile, an entrypoint takes the command below it away. Packages below that ``above`` is to be without
    go, and it has those that it lists whatever is said below.
    """
    result = _yielding(below, above)
    for name, value in above.items():
        if name == "variants":
            result[name] = _by_key(result.get(name, {}), value, merged)
        elif name in result and name not in _WHOLE:
            result[name] = _joined(result[name], value)
        else:
            result[name] = value
    return result


def _yielding(below: Settings, above: Settings) -> dict[str, Any]:
    result = dict(below)
    if "entrypoint" in above:
        result.pop("cmd", None)
    if "packages" in result and "without" in above:
        result["packages"] = {name: wish for name, wish in result["packages"].items() if name not in above["without"]}
    if "without" in result and "packages" in above:
        result["without"] = tuple(name for name in result["without"] if name not in above["packages"])
    return result


def _joined(old: Any, new: Any) -> Any:
    if isinstance(new, dict):
        return _by_key(old, new, _joined)
    if isinstance(new, tuple):
        return tuple(dict.fromkeys(old + new))
    if isinstance(new, Wish):
        return new.over(old)
    return new


def _by_key(old: Mapping[str, Any], new: Mapping[str, Any], join: Callable[[Any, Any], Any]) -> dict[str, Any]:
    return {**old, **{key: join(old[key], value) if key in old else value for key, value in new.items()}}


def tagged(name: str, variant: str) -> str:
    """``distroless/base`` is ``distroless/base:debug`` with a variant, and ``app:1`` is ``app:1-debug``."""
    if not name or "@" in name:
        return name
    return f"{name}-{variant}" if ":" in name.rpartition("/")[2] else f"{name}:{variant}"
