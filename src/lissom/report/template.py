"""The part of Go's templates that people use with inspect: fields, ``json``, ``index``."""

from __future__ import annotations

import json
import re
from typing import Any

from lissom.errors import UsageError

__all__ = ["filled"]

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_FIELDS = re.compile(r"(?:\.\w+)+|\.")


def filled(template: str, document: Any) -> str:
    """``template`` with its actions replaced by values of ``document``. Raises UsageError for other actions."""
    text = template.replace("\\n", "\n").replace("\\t", "\t")
    return _ACTION.sub(lambda found: _value(found.group(1), document), text)


def _value(action: str, document: Any) -> str:
    words = re.findall(r'"[^"]*"|\S+', action)
    if words[:1] == ["json"] and len(words) == 2:
        return json.dumps(_field(words[1], document, action))
    if words[:1] == ["index"] and len(words) >= 3:
        value = _field(words[1], document, action)
        for word in words[2:]:
            value = _indexed(value, word, action)
        return _shown(value)
    if len(words) == 1:
        return _shown(_field(words[0], document, action))
    raise UsageError(
        f"cannot use template `{{{{{action}}}}}`: it is not understood",
        hint="write {{.Field}}, {{json .Field}} or {{index .Field KEY}}",
    )


def _field(path: str, document: Any, action: str) -> Any:
    if not _FIELDS.fullmatch(path):
        raise UsageError(f"cannot use template `{{{{{action}}}}}`: `{path}` is not a field")
    for name in [part for part in path.split(".") if part]:
        if not isinstance(document, dict) or name not in document:
            raise UsageError(f"cannot use template `{{{{{action}}}}}`: there is no field `{name}`")
        document = document[name]
    return document


def _indexed(value: Any, word: str, action: str) -> Any:
    try:
        if isinstance(value, dict):
            return value.get(word.strip('"'), "")
        return value[int(word)]
    except (ValueError, IndexError, TypeError) as error:
        raise UsageError(f"cannot use template `{{{{{action}}}}}`: there is no element `{word}`") from error


def _shown(value: Any) -> str:
    """As Go's fmt prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + " ".join(_shown(item) for item in value) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_shown(value[key])}" for key in sorted(value)) + "]"
    return str(value)
