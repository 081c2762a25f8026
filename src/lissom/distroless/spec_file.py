"""A spec as it is written: a file or a ready spec, with what it includes below it and a variant on top."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from lissom.distroless.spec import Java, Spec, Wish
from lissom.distroless.spec_settings import SETTINGS
from lissom.distroless.spec_yaml import Document
from lissom.dockerfile.fault import nearest
from lissom.dockerfile.source import Source
from lissom.errors import DockerfileError, UsageError

__all__ = ["READY", "load", "merged", "parse", "ready_specs"]

READY = Path(__file__).parent / "specs"
_READY_NAME = "[a-z0-9-]+"
_DEEPEST = 16  # includes of includes
_WHOLE = ("entrypoint", "cmd")  # one command, not a list of things

Settings = Mapping[str, Any]
"""Values of settings by name; ``variants`` is a map of further ones."""


def ready_specs() -> list[str]:
    """Names of the specs that lissom brings along."""
    return sorted(path.stem for path in READY.glob("*.yaml"))


def load(text: str, variant: str = "") -> Spec:
    """The spec ``text``: a file or the name of a ready spec, either with ``:VARIANT``. Raises UsageError."""
    name, chosen = _divided(text, Path())
    if chosen and variant:
        raise UsageError(f"cannot use variant `{variant}`: `{text}` already names one")
    try:
        return _finished(_Reader().file(_located(name, Path()), ()), name, variant or chosen)
    except DockerfileError as error:
        raise UsageError(error.message, hint=error.hint) from None


def parse(text: str, name: str, variant: str = "") -> Spec:
    """Read the text of a spec. Raises UsageError with file, line, column, excerpt and caret."""
    try:
        return _finished(_Reader().text(text, Path(name), ()), name, variant)
    except DockerfileError as error:
        raise UsageError(error.message, hint=error.hint) from None


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


class _Reader:
    """Reads files and what they include, each of them once."""

    def __init__(self) -> None:
        self.known: dict[Path, Settings] = {}

    def file(self, path: Path, chain: tuple[Path, ...]) -> Settings:
        resolved = path.resolve()
        if resolved not in self.known:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise UsageError(f"cannot read spec `{path}`: {cause}") from error
            self.known[resolved] = self.text(text, path, chain)
        return self.known[resolved]

    def text(self, text: str, path: Path, chain: tuple[Path, ...]) -> Settings:
        document = Document(Source(str(path), text), path.parent)
        found = document.settings(document.root(), (*SETTINGS, "include", "variants"))
        own = _read(document, {name: pair[1] for name, pair in found.items() if name in SETTINGS})
        if "variants" in found:
            dependencies = {"dependencies": found["dependencies"][1]} if "dependencies" in found else {}
            own["variants"] = {
                document.fitting(key, _READY_NAME, "a name of a variant"): self._variant(document, value, dependencies)
                for key, value in document.mapping(found["variants"][1], "variants").values()
            }
        if "include" not in found:
            return own
        node = found["include"][1]
        below: Settings = {}
        for item in document.items(node) if isinstance(node, yaml.SequenceNode) else [node]:
            below = merged(below, self._included(document, item, (*chain, path)))
        return merged(below, own)

    def _variant(self, document: Document, node: yaml.Node, defaults: dict[str, yaml.Node]) -> Settings:
        found = document.settings(node, tuple(SETTINGS))
        return _read(document, defaults | {name: pair[1] for name, pair in found.items()})

    def _included(self, document: Document, node: yaml.Node, chain: tuple[Path, ...]) -> Settings:
        """What another spec says, but for its name."""
        text = document.text(node)
        name, variant = _divided(text, document.directory)
        try:
            path = _located(name, document.directory)
        except UsageError as error:
            raise document.error(node, error.message.replace("use spec", "include", 1), error.hint) from None
        resolved = path.resolve()
        shown = " → ".join(str(one) for one in (*chain, path))
        if resolved in (one.resolve() for one in chain):
            raise document.error(node, f"cannot include `{text}`: it includes itself", shown)
        if len(chain) > _DEEPEST:
            raise document.error(node, f"cannot include `{text}`: this is more than {_DEEPEST} includes deep", shown)
        settings = self.file(path, chain)
        try:
            settings = _with_variant(settings, text, variant)
        except UsageError as error:
            raise document.error(node, error.message, error.hint) from None
        return {key: value for key, value in settings.items() if key != "name"}


def _divided(text: str, directory: Path) -> tuple[str, str]:
    """The spec and the variant that ``text`` names; a file may have a colon in its name."""
    name, colon, variant = text.rpartition(":")
    fits = colon and re.fullmatch(_READY_NAME, variant) and not (directory / text).is_file()
    return (name, variant) if fits else (text, "")


def _located(name: str, directory: Path) -> Path:
    path = directory / name
    if not re.fullmatch(_READY_NAME, name):
        return path
    if (READY / f"{name}.yaml").is_file() or not path.is_file():
        path = READY / f"{name}.yaml"
    if not path.is_file():
        near = nearest(name, ready_specs())
        raise UsageError(
            f"cannot use spec `{name}`: there is neither a file nor a ready spec of this name",
            hint=f"did you mean `{near}`?" if near else f"ready specs: {', '.join(ready_specs())}",
        )
    return path


def _read(document: Document, nodes: Mapping[str, yaml.Node]) -> dict[str, Any]:
    """Values of settings; whether dependencies are followed is a matter of the packages beside it, no others."""
    values = {name: SETTINGS[name](document, node) for name, node in nodes.items()}
    follow = values.pop("dependencies", True)
    if "packages" in values:
        values["packages"] = {name: replace(wish, dependencies=follow) for name, wish in values["packages"].items()}
    return values


def _with_variant(settings: Settings, spec: str, variant: str) -> Settings:
    if not variant:
        return settings
    variants = settings.get("variants", {})
    if variant not in variants:
        near = nearest(variant, variants)
        known = f"variants: {', '.join(variants)}" if variants else "it has no variants"
        raise UsageError(
            f"cannot use variant `{variant}`: `{spec}` has none of this name",
            hint=f"did you mean `{near}`?" if near else known,
        )
    return merged(settings, {"name": _tagged(settings.get("name", ""), variant)} | variants[variant])


def _tagged(name: str, variant: str) -> str:
    """``distroless/base`` is ``distroless/base:debug`` with a variant, and ``app:1`` is ``app:1-debug``."""
    if not name or "@" in name:
        return name
    return f"{name}-{variant}" if ":" in name.rpartition("/")[2] else f"{name}:{variant}"


def _finished(settings: Settings, name: str, variant: str) -> Spec:
    chosen: dict[str, Any] = dict(_with_variant(settings, name, variant))
    chosen.pop("variants", None)
    without = chosen.get("without", ())
    chosen["packages"] = {key: wish for key, wish in chosen.get("packages", {}).items() if key not in without}
    if chosen.get("configure") and (part := [wish for wish in chosen["packages"].values() if wish.slices]):
        raise UsageError(
            f"cannot use spec `{name}`: slices of `{part[0].name}` are asked for, and scripts need whole packages",
            hint="leave out `configure`, or name the whole package",
        )
    if "java" in chosen:
        java = chosen.pop("java")
        if not java.get("modules"):
            raise UsageError(f"cannot use spec `{name}`: `java` names no modules")
        chosen["java"] = Java(**java)
    for key in ("env", "labels", "links"):
        chosen[key] = tuple(chosen.get(key, {}).items())
    for key, value in chosen.items():
        chosen[key] = tuple(value.values()) if isinstance(value, dict) else value
    return Spec(**chosen)
