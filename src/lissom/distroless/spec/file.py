"""A spec as it is written becomes a value."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lissom.distroless.spec.include import Reader, UnusableError, divided, with_variant
from lissom.distroless.spec.merge import Settings, merged
from lissom.distroless.spec.spec import Java, Spec, Wish
from lissom.errors import DockerfileError, UsageError

__all__ = ["load", "parse"]


def load(text: str, variant: str = "", added: Iterable[str] = ()) -> Spec:
    """The spec ``text``: a file or the name of a ready spec, either with ``:VARIANT``, and ``added`` packages on top.

    Raises UsageError.
    """
    name, chosen = divided(text, Path())
    if chosen and variant:
        raise UsageError(f"cannot use variant `{variant}`: `{text}` already names one")
    try:
        settings = with_variant(Reader().named(name), variant or chosen)
        return _spec(merged(settings, {"packages": {wish.name: wish for wish in map(Wish.parse, added)}}))
    except DockerfileError as error:
        raise UsageError(error.message, hint=error.hint) from None
    except UnusableError as error:
        raise UsageError(f"cannot use spec `{text}`: {error.cause}", hint=error.hint) from None


def parse(text: str, name: str, variant: str = "") -> Spec:
    """The spec that ``text`` is. Raises UsageError with file, line, column, excerpt and caret."""
    try:
        return _spec(with_variant(Reader().text(text, Path(name)), variant))
    except DockerfileError as error:
        raise UsageError(error.message, hint=error.hint) from None
    except UnusableError as error:
        raise UsageError(f"cannot use spec `{name}`: {error.cause}", hint=error.hint) from None


def _spec(settings: Settings) -> Spec:
    values: dict[str, Any] = {name: value for name, value in settings.items() if name != "variants"}
    _check(values)
    if java := values.pop("java", None):
        values["java"] = Java(**java)
    for name, value in values.items():
        if isinstance(value, dict):
            values[name] = tuple(value.items() if name in ("env", "labels", "links") else value.values())
    return Spec(**values)


def _check(values: Settings) -> None:
    """Raise UnusableError for what each setting may say but not all together."""
    packages = values.get("packages", {})
    if values.get("configure") and (part := [name for name, wish in packages.items() if wish.slices]):
        cause = f"slices of `{part[0]}` are asked for, and with `configure` scripts need whole packages"
        raise UnusableError(cause, "leave out `configure`, or name the whole package")
    if "modules" not in values.get("java", {"modules": ()}):
        raise UnusableError("`java` names no modules", "such as java.base")
    kinds: dict[str, str] = {}
    for kind in ("directories", "files", "links"):
        for path in values.get(kind, {}):
            if path in kinds:
                raise UnusableError(f"`{path}` is in `{kinds[path]}` and in `{kind}`")
            kinds[path] = kind
