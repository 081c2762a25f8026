"""What Python sources import, wherever in them, and which of their texts may name a module."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

__all__ = ["imports_of", "literals_of", "module_names"]

_CONTINUED = re.compile(r"\\\r?\n")
_WORD = re.compile(r"import(?=[ \t(*])(?<![\w.]import)")
_FROM = re.compile(r"from[ \t]*(\.*[\w.]*)[ \t]*$")
_LISTED = re.compile(r"[ \t]*(?:\(([^()]*)\)|([\w., \t*]+))")
_COMMENT = re.compile(r"#[^\n]*")
_CALL = re.compile(r"(?:import_module|__import__|find_spec|run_module)\(\s*[rub]?['\"](\.*[\w.]+)['\"]")
_CALLS = ("import_module(", "__import__(", "find_spec(", "run_module(")
_ALIAS = re.compile(r"\s+as\s+\w+")
_LITERAL = re.compile(r"'([^'\\\n]{1,200})'|\"([^\"\\\n]{1,200})\"")
_DRIVER = re.compile(r"^\w+\+(\w+)://")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_LONGEST_LINE = 400
_LARGEST_PARSED = 512 << 10


def imports_of(text: str, package: str = "") -> frozenset[str]:
    """Dotted names that the source imports at any level; of ``from a import b`` both a and a.b.

    Relative names are taken from ``package``, the one that the module is in. Names need not be modules.
    """
    found: set[str] = set()
    if "\\" in text:
        text = _CONTINUED.sub(" ", text)
    for word in _WORD.finditer(text):
        head = text[text.rfind("\n", 0, word.start()) + 1 : word.start()]
        head = re.split("[;:]", head)[-1].strip() if len(head) < _LONGEST_LINE else "?"
        source, listed = _FROM.match(head), _LISTED.match(text, word.end())
        if listed is None or (head and source is None):
            continue
        names = _names(_COMMENT.sub("", listed[1] or "") or listed[2] or "")
        base = _absolute(source[1], package) if source else ""
        if base is not None:
            found.add(base)
            found.update(f"{base}.{name}" if base else name for name in names)
    for name in _CALL.findall(text) if any(call in text for call in _CALLS) else ():
        absolute = _absolute(name, package)
        found.add(absolute or "")
    found.discard("")
    return frozenset(found)


def _names(listed: str) -> Iterator[str]:
    for part in listed.split(","):
        name = _ALIAS.sub("", part.strip()).strip()
        if name and name != "*" and " " not in name:
            yield name


def _absolute(name: str, package: str) -> str | None:
    """``name`` without leading dots, None when these lead out of everything."""
    rest = name.lstrip(".")
    dots = len(name) - len(rest)
    if not dots:
        return name
    parts = package.split(".") if package else []
    if dots - 1 > len(parts):
        return None
    return ".".join((*parts[: len(parts) - dots + 1], *([rest] if rest else [])))


def literals_of(text: str) -> frozenset[str]:
    """Texts of one line that the source holds between quotes."""
    tree = _parsed(text)
    if tree is None:
        return frozenset(one or other for one, other in _LITERAL.findall(text))
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= 200
    )


def _parsed(text: str) -> ast.Module | None:
    if len(text) > _LARGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def module_names(literal: str) -> Iterator[str]:
    """Dotted names that a text may mean as modules: ``app:app``, ``pkg.mod.Class``, ``mysql+pymysql://``."""
    driver = _DRIVER.match(literal)
    if driver:
        yield driver[1]
        return
    name = literal.partition(":")[0]
    if _MODULE.fullmatch(name):
        yield name
