"""YAML with the place of every value, so that an error can show it; hostile texts are refused, not expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from lissom.dockerfile.fault import error_at, nearest
from lissom.dockerfile.source import Source, Span
from lissom.errors import DockerfileError

__all__ = ["Document", "Pair"]

_LONGEST = 1 << 20  # characters of a document
_MOST = 100_000  # values of a document, with every alias counted as what it stands for
_TAG = "tag:yaml.org,2002:"
_TAGS = {_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")}

Pair = tuple[yaml.Node, yaml.Node]


@dataclass(frozen=True)
class Document:
    """One YAML text; names of files in it are relative to ``directory``. Every method raises DockerfileError."""

    source: Source
    directory: Path

    def root(self) -> yaml.Node:
        """The value of the whole document."""
        if len(self.source.text) > _LONGEST:
            raise error_at(self.source, Span(0, 1), f"cannot read this file: it is longer than {_LONGEST} characters")
        try:
            root = yaml.compose(self.source.text, Loader=yaml.SafeLoader)
            if root is not None:
                self._weigh(root, {})
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark.index if error.problem_mark else 0
            raise error_at(self.source, Span(at, at + 1), f"cannot read this YAML: {error.problem}") from error
        except yaml.reader.ReaderError as error:
            place = Span(error.position, error.position + 1)
            raise error_at(self.source, place, "cannot read this YAML: this character is not allowed") from error
        except (ValueError, OverflowError) as error:
            cause = "an escape in it stands for no character"
            raise error_at(self.source, Span(0, 1), f"cannot read this YAML: {cause}") from error
        except RecursionError as error:
            raise error_at(self.source, Span(0, 1), "cannot read this YAML: it is nested too deep") from error
        if root is None:
            raise error_at(self.source, Span(0, 0), "cannot read this file: nothing is in it")
        return root

    def error(self, node: yaml.Node, message: str, hint: str | None = None) -> DockerfileError:
        """An error whose caret is under ``node``."""
        return error_at(self.source, Span(node.start_mark.index, node.end_mark.index), message, hint=hint)

    def text(self, node: yaml.Node) -> str:
        """A scalar as it is written: numbers and words such as ``yes`` are texts too."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "this is to be a text")
        if node.tag == f"{_TAG}null" and node.style is None:
            raise self.error(node, "a value is missing", 'an empty text is written as ""')
        return str(node.value)

    def fitting(self, node: yaml.Node, pattern: str, what: str, hint: str | None = None) -> str:
        """A text that ``pattern`` fits as a whole."""
        text = self.text(node)
        if not re.fullmatch(pattern, text):
            raise self.error(node, f"`{text}` is not {what}", hint)
        return text

    def one_of(self, node: yaml.Node, known: tuple[str, ...], what: str) -> str:
        """One of the ``known`` texts."""
        text = self.text(node)
        if text not in known:
            near = nearest(text, known)
            hint = f"did you mean `{near}`?" if near else f"known: {', '.join(known)}"
            raise self.error(node, f"unknown {what} `{text}`", hint)
        return text

    def flag(self, node: yaml.Node) -> bool:
        """True or false."""
        return self.fitting(node, "true|false", "true or false") == "true"

    def number(self, node: yaml.Node, least: int, most: int) -> int:
        """A decimal number within both bounds."""
        text = self.text(node)
        if not re.fullmatch("[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise self.error(node, f"`{text}` is not a number from {least} to {most}")
        return int(text)

    def mode(self, node: yaml.Node) -> int:
        """Permission bits in octal digits."""
        text = self.fitting(node, "0?o?[0-7]{1,4}", "a mode such as 755", "octal digits from 0 to 7777")
        return int(text.removeprefix("0").removeprefix("o") or "0", 8)

    def path(self, node: yaml.Node) -> str:
        """A clean absolute path below the root."""
        parts = self.text(node).split("/")
        if parts[0] or len(parts) < 2 or any(part in ("", ".", "..") for part in parts[1:]):
            raise self.error(node, f"`{self.text(node)}` is not a clean absolute path")
        return self.text(node)

    def items(self, node: yaml.Node) -> list[yaml.Node]:
        """The values of a list."""
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, "this is to be a list")
        return list(node.value)

    def mapping(self, node: yaml.Node, what: str = "settings") -> dict[str, Pair]:
        """Keys and values of a map by key, those that a merge key (``<<``) brings in last."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"this is to be a map of {what}")
        found: dict[str, Pair] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif self.text(key) in found:
                raise self.error(key, f"`{self.text(key)}` is there twice")
            else:
                found[self.text(key)] = (key, value)
        for one in merged:
            found = self.mapping(one, what) | found
        return found

    def settings(self, node: yaml.Node, known: tuple[str, ...]) -> dict[str, Pair]:
        """A map that has no keys but the ``known`` ones."""
        found = self.mapping(node)
        for key, _ in found.values():
            self.one_of(key, known, "setting")
        return found

    def _weigh(self, node: yaml.Node, weights: dict[int, int]) -> int:
        """How many values ``node`` stands for; tags, cycles and characters that no text can have are refused."""
        if id(node) in weights:
            if not weights[id(node)]:
                raise self.error(node, "this holds itself")
            return weights[id(node)]
        weights[id(node)] = 0
        if node.tag not in _TAGS:
            raise self.error(node, f"the tag `{node.tag.removeprefix(_TAG)}` has no meaning here")
        weight = 1
        if isinstance(node, yaml.ScalarNode):
            if re.search("[\0\ud800-\udfff]", node.value):
                raise self.error(node, "a character of this is not allowed")
        else:
            children = [one for pair in node.value for one in (pair if isinstance(pair, tuple) else (pair,))]
            weight += sum(self._weigh(one, weights) for one in children)
        if weight > _MOST:
            raise self.error(node, f"this stands for more than {_MOST} values")
        weights[id(node)] = weight
        return weight
