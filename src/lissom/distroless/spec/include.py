"""Files of specs and the ready specs: found by name, read with what they include, each of them once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from lissom.distroless.spec.merge import Settings, merged, tagged
from lissom.distroless.spec.nodes import Document
from lissom.distroless.spec.settings import SETTINGS
from lissom.dockerfile.fault import nearest
from lissom.dockerfile.source import Source

__all__ = ["READY", "Reader", "UnusableError", "divided", "purpose", "ready_specs", "with_variant"]

READY = Path(__file__).parents[1] / "specs"
_NAME = "[a-z0-9-]+"
_DEEPEST = 16  # includes of includes
_LARGEST = 1 << 22  # bytes of a file


class UnusableError(Exception):
    """Why a spec that was asked for by name cannot be had; who asked says where."""

    def __init__(self, cause: str, hint: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.hint = hint


def ready_specs() -> list[str]:
    """Names of the specs that lissom brings along."""
    return sorted(path.stem for path in READY.glob("*.yaml"))


def purpose(name: str) -> str:
    """What a ready spec is for: the first line of its file, which is a comment."""
    return (READY / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def divided(text: str, directory: Path) -> tuple[str, str]:
    """The spec and the variant that ``text`` names; a file may have a colon in its name."""
    name, colon, variant = text.rpartition(":")
    fits = colon and re.fullmatch(_NAME, variant) and not (directory / text).is_file()
    return (name, variant) if fits else (text, "")


def with_variant(settings: Settings, variant: str) -> Settings:
    """``settings`` with the variant of this name on top, if one is named. Raises UnusableError."""
    if not variant:
        return settings
    variants = settings.get("variants", {})
    if variant not in variants:
        near = nearest(variant, variants)
        known = f"variants: {', '.join(variants)}" if variants else "it has no variants"
        raise UnusableError(f"it has no variant `{variant}`", f"did you mean `{near}`?" if near else known)
    return merged(settings, {"name": tagged(settings.get("name", ""), variant)} | variants[variant])


class Reader:
    """Reads specs. Raises DockerfileError for what a spec says, UnusableError for one that is not there."""

    def __init__(self) -> None:
        self._known: dict[Path, Settings] = {}

    def named(self, name: str, directory: Path = Path(), chain: tuple[Path, ...] = ()) -> Settings:
        """The spec of this name: a ready one, or a file that is relative to ``directory``."""
        path = _located(name, directory)
        shown = " → ".join(str(one) for one in (*chain, path))
        if path.resolve() in (one.resolve() for one in chain):
            raise UnusableError("it includes itself", shown)
        if len(chain) > _DEEPEST:
            raise UnusableError(f"this is more than {_DEEPEST} includes deep", shown)
        if path.resolve() not in self._known:
            self._known[path.resolve()] = self.text(_content(path), path, chain)
        return self._known[path.resolve()]

    def text(self, text: str, path: Path, chain: tuple[Path, ...] = ()) -> Settings:
        """The spec that ``text`` is, as if it were the file ``path``; ``chain`` are the files that include it."""
        document = Document(Source(str(path), text), path.parent)
        found = document.settings(document.root(), (*SETTINGS, "include", "variants"))
        nodes = {name: node for name, (_, node) in found.items()}
        own = _read(document, {name: node for name, node in nodes.items() if name in SETTINGS})
        if chain and "sources" in own:
            own["sources"] = tuple(_moved(line, path.parent, chain[0].parent) for line in own["sources"])
        if "variants" in nodes:
            defaults = {name: node for name, node in nodes.items() if name == "dependencies"}
            own["variants"] = {
                document.fitting(key, _NAME, "a name of a variant"): _variant(document, value, defaults)
                for key, value in document.mapping(nodes["variants"], "variants").values()
            }
        below: Settings = {}
        if node := nodes.get("include"):
            for item in document.items(node) if isinstance(node, yaml.SequenceNode) else [node]:
                below = merged(below, self._included(document, item, (*chain, path)))
        return merged(below, own)

    def _included(self, document: Document, node: yaml.Node, chain: tuple[Path, ...]) -> Settings:
        """What another spec says, but for its name."""
        text = document.text(node)
        name, variant = divided(text, document.directory)
        try:
            settings = with_variant(self.named(name, document.directory, chain), variant)
        except UnusableError as error:
            raise document.error(node, f"cannot include `{text}`: {error.cause}", error.hint) from None
        return {key: value for key, value in settings.items() if key != "name"}


def _located(name: str, directory: Path) -> Path:
    path = directory / name
    if not re.fullmatch(_NAME, name):
        return path
    ready = READY / f"{name}.yaml"
    if not ready.is_file() and not path.is_file():
        near = nearest(name, ready_specs())
        hint = f"did you mean `{near}`?" if near else f"ready specs: {', '.join(ready_specs())}"
        raise UnusableError("there is neither a file nor a ready spec of this name", hint)
    return ready if ready.is_file() else path


def _content(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST).decode()
    except OSError as error:
        raise UnusableError(error.strerror or "it cannot be read") from error
    except UnicodeDecodeError as error:
        raise UnusableError("it is not UTF-8") from error


def _moved(source: str, here: Path, there: Path) -> str:
    """A line whose key files are named as from ``here``, with their names as from ``there``."""

    def renamed(keys: re.Match[str]) -> str:
        return ",".join(os.path.relpath(here / key, there) if key[:1] != "/" else key for key in keys[0].split(","))

    return re.sub(r"(?<=signed-by=)[^\s\]]+", renamed, source)


def _variant(document: Document, node: yaml.Node, defaults: Mapping[str, yaml.Node]) -> Settings:
    found = document.settings(node, tuple(SETTINGS))
    return _read(document, {**defaults, **{name: value for name, (_, value) in found.items()}})


def _read(document: Document, nodes: Mapping[str, yaml.Node]) -> dict[str, Any]:
    """Values of settings. Whether dependencies are followed is a matter of the packages listed beside it alone."""
    values = {name: SETTINGS[name](document, node) for name, node in nodes.items()}
    if contradiction := sorted(set(values.get("packages", ())) & set(values.get("without", ()))):
        raise document.error(nodes["without"], f"package `{contradiction[0]}` is in `packages` too")
    follow = values.pop("dependencies", True)
    if "packages" in values:
        values["packages"] = {name: replace(wish, dependencies=follow) for name, wish in values["packages"].items()}
    return values
