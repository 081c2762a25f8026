"""YAML with the place of every value, so that errors can show it. JSON is read the same way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import yaml

from lissom.dockerfile.fault import error_at, nearest
from lissom.dockerfile.source import Source, Span

__all__ = ["Document", "Map"]

_T = TypeVar("_T")
_D = TypeVar("_D")
_LARGEST = 4 << 20
_PLAIN_JSON = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


class Document:
    """A text and its root node. Raises DockerfileError (place, excerpt, caret) for whatever is wrong in it."""

    def __init__(self, name: str, text: str) -> None:
        self.source = Source(name, text)
        try:
            self._check(text)
            self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self._fail_at(mark.index if mark else 0, f"this is no YAML: {error.problem}")
        except yaml.YAMLError as error:
            self._fail_at(getattr(error, "position", 0), f"this is no YAML: {getattr(error, 'reason', error)}")
        except RecursionError:
            self._fail_at(0, "it is nested too deeply")
        if self.root is None:
            self._fail_at(0, "it is empty")

    def _check(self, text: str) -> None:
        if len(text) > _LARGEST:
            self._fail_at(0, "it is larger than 4 MiB")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                self._fail_at(_index(event), "aliases are not supported: write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > 100:
                self._fail_at(_index(event), "it is nested too deeply")

    def _fail_at(self, index: int, message: str) -> NoReturn:
        raise error_at(self.source, Span(index, index + 1), message)

    def fail(self, node: yaml.Node, message: str, hint: str | None = None) -> NoReturn:
        """Raise the error that points at ``node``."""
        start, end = node.start_mark.index, node.end_mark.index
        line_end = self.source.text.find("\n", start)
        end = end if line_end < 0 else min(end, line_end)
        raise error_at(self.source, Span(start, max(end, start + 1)), message, hint=hint)

    def place(self, node: yaml.Node) -> str:
        """``file:line`` of a node."""
        return f"{self.source.name}:{node.start_mark.line + 1}"

    def text(self, node: yaml.Node) -> str:
        """A text; a plain number or word is one too."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, "this is to be a text")
        # YAML 1.1 reads JSON's pairs of surrogates as two characters.
        return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def words(self, node: yaml.Node) -> tuple[str, ...]:
        """A list of texts."""
        return self.each(node, self.text)

    def either(self, node: yaml.Node) -> tuple[str, ...]:
        """A text, or a list of texts."""
        return self.words(node) if isinstance(node, yaml.SequenceNode) else (self.text(node),)

    def each(self, node: yaml.Node, read: Callable[[yaml.Node], _T]) -> tuple[_T, ...]:
        """A list of what ``read`` reads."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, "this is to be a list")
        return tuple(read(item) for item in node.value)

    def pattern(self, node: yaml.Node) -> str:
        """A regular expression."""
        text = self.text(node)
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            self.fail(node, f"this is no regular expression: {error}")
        return text

    def patterns(self, node: yaml.Node) -> tuple[str, ...]:
        """A regular expression, or a list of them."""
        return self.each(node, self.pattern) if isinstance(node, yaml.SequenceNode) else (self.pattern(node),)

    def pairs(self, node: yaml.Node, read: Callable[[yaml.Node], str] | None = None) -> tuple[tuple[str, str], ...]:
        """A map of names to texts."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, "this is to be a map of names to texts")
        return tuple((self.text(key), (read or self.text)(value)) for key, value in node.value)

    def flag(self, node: yaml.Node) -> bool:
        """true or false."""
        text = self.text(node)
        if text not in ("true", "false"):
            self.fail(node, f"`{text}` is neither true nor false")
        return text == "true"

    def number(self, node: yaml.Node, least: int, most: int, *, base: int = 10) -> int:
        """A whole number within bounds, both included."""
        text = self.text(node)
        try:
            value = int(text.removeprefix("0o") if base == 8 else text, base)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            shown = (f"{least:o}", f"{most:o}") if base == 8 else (str(least), str(most))
            self.fail(node, f"`{text}` is not a number from {shown[0]} to {shown[1]}")
        return value

    def port(self, node: yaml.Node) -> int:
        """A TCP port."""
        return self.number(node, 1, 65535)

    def seconds(self, node: yaml.Node) -> float:
        """A time in seconds."""
        text = self.text(node)
        if not _SECONDS.fullmatch(text):
            self.fail(node, f"`{text}` is not a number of seconds")
        return float(text)

    def value(self, node: yaml.Node) -> Any:
        """What JSON would make of it: plain true, false, null and numbers are such, all else is text."""
        if isinstance(node, yaml.MappingNode):
            return {self.text(key): self.value(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        text = self.text(node)
        plain = isinstance(node, yaml.ScalarNode) and node.style is None and _PLAIN_JSON.fullmatch(text)
        return json.loads(text) if plain and len(text) < 400 else text

    def map(self, node: yaml.Node, known: Iterable[str], what: str) -> Map:
        """A map with no keys but ``known``; ``what`` names it in errors."""
        return Map(self, node, tuple(known), what)


def _index(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


class Map:
    """A map of settings whose keys were checked."""

    def __init__(self, document: Document, node: yaml.Node, known: tuple[str, ...], what: str) -> None:
        if not isinstance(node, yaml.MappingNode):
            document.fail(node, f"{what} is to be a map with {', '.join(known[:8])}{', …' if len(known) > 8 else ''}")
        self.document = document
        self.node = node
        self.keys: dict[str, yaml.Node] = {}
        self.nodes: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = document.text(key)
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean `{near}`?" if near else f"known: {', '.join(known)}"
                document.fail(key, f"unknown key `{name}` in {what}", hint)
            if name in self.nodes:
                document.fail(key, f"`{name}` is there twice")
            self.keys[name], self.nodes[name] = key, value

    def __contains__(self, name: str) -> bool:
        return name in self.nodes

    def get(self, name: str, read: Callable[[yaml.Node], _T], default: _D) -> _T | _D:
        """What ``read`` makes of a key's value, ``default`` where it lacks."""
        return read(self.nodes[name]) if name in self.nodes else default

    def need(self, name: str, read: Callable[[yaml.Node], _T]) -> _T:
        """The same for a key that must be there."""
        if name not in self.nodes:
            self.document.fail(self.node, f"`{name}` is missing")
        return read(self.nodes[name])
