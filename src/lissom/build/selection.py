"""What COPY and ADD select of an input: patterns resolved to paths, ``--exclude`` and ``--parents`` applied.

Patterns are Go's ``filepath.Match``; links in a source's path are followed inside the input's root, links below a
copied directory are not. A pattern without a match selects nothing; a plain path that is not there is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lissom.build.step import BaseInput, ContextInput, CopyOp, FilesInput, Input, StageInput
from lissom.context.glob import has_wildcards, match_part, unescape
from lissom.context.ignore import Ignore
from lissom.errors import IntegrityError, StepError
from lissom.rootfs.entry import Entry
from lissom.rootfs.tree import Tree

__all__ = ["Match", "MissingError", "select", "selected"]


class MissingError(StepError):
    """COPY names a plain ``path`` that is not in ``where``."""

    def __init__(self, message: str, path: str, where: Input) -> None:
        super().__init__(message)
        self.path = path
        self.where = where


@dataclass(frozen=True, slots=True)
class Match:
    """One path that a source names: ``path`` as matched, ``entry`` where its links lead.

    ``entries`` are the paths below it that are copied, parents first, each with its path relative to ``path``; for
    anything but a directory there are none.
    """

    source: int
    path: str
    entry: Entry
    entries: tuple[tuple[str, Entry], ...] = ()

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def select(operation: CopyOp, source: Tree) -> list[tuple[str, Entry]]:
    """Everything that ``operation`` reads of ``source``, by a path that is unique among the results."""
    found: list[tuple[str, Entry]] = []
    for match in selected(operation, source):
        prefix = f"{match.source}:{match.path}" if match.source else match.path
        if not match.entry.is_directory:
            found.append((prefix, match.entry))
        found.extend((f"{prefix}/{relative}" if prefix else relative, entry) for relative, entry in match.entries)
    return found


def selected(operation: CopyOp, source: Tree) -> Iterator[Match]:
    """The matches of each source in turn. Raises StepError for a plain path that is not there."""
    excludes = Ignore.of(operation.excludes)
    for number, pattern in enumerate(operation.sources):
        if operation.parents:
            yield from _with_parents(operation, source, number, pattern, excludes)
            continue
        for path, entry in _resolve(source, pattern, operation.input):
            if entry.is_directory:
                yield Match(number, path, entry, tuple(_below(source, entry, excludes)))
            elif not excludes.ignores(path.rpartition("/")[2]):
                yield Match(number, path, entry)


def _with_parents(operation: CopyOp, source: Tree, number: int, pattern: str, excludes: Ignore) -> Iterator[Match]:
    """``a/./b/c*``: the directory ``a`` restricted to what ``b/c*`` matches, with the directories between."""
    pivot, separator, rest = pattern.partition("/./")
    if not separator:
        pivot, rest = "/", pattern.removeprefix("./")
    wanted = "/".join(part for part in rest.split("/") if part not in ("", "."))
    includes = Ignore.of([wanted]) if wanted else None
    for path, entry in _resolve(source, pivot, operation.input):
        if not entry.is_directory:
            continue
        chosen = tuple(_below(source, entry, excludes, includes))
        if not chosen and not has_wildcards(wanted):
            raise _missing(wanted, operation.input)
        yield Match(number, path, entry, chosen)


def _resolve(source: Tree, pattern: str, where: Input) -> Iterator[tuple[str, Entry]]:
    parts = _clean(pattern)
    plain: list[str] = []
    while parts and not has_wildcards(parts[0]):
        plain.append(unescape(parts.pop(0)))
    path = "/".join(plain)
    entry = _followed(source, path)
    if not parts:
        if entry is None:
            raise _missing(path, where)
        yield path, entry
    elif entry is not None and entry.is_directory:
        try:
            expressions = [match_part(part) for part in parts]
        except ValueError:
            return
        for found in _walk(source, entry.path, expressions):
            target = _followed(source, found)
            if target is None:
                raise _missing(found, where)
            yield found, target


def _followed(source: Tree, path: str) -> Entry | None:
    try:
        return source.get(source.resolve(path))
    except IntegrityError as error:
        raise StepError(f"cannot copy `{path}`: its symbolic links lead in a circle") from error


def _clean(pattern: str) -> list[str]:
    parts: list[str] = []
    for part in pattern.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _walk(source: Tree, directory: str, expressions: Sequence[object]) -> Iterator[str]:
    first, rest = expressions[0], expressions[1:]
    for child in source.children(directory):
        if first.fullmatch(child.rpartition("/")[2]) is None:  # type: ignore[attr-defined]
            continue
        if not rest:
            yield child
        elif source[child].is_directory:
            yield from _walk(source, child, rest)


def _below(source: Tree, top: Entry, excludes: Ignore, includes: Ignore | None = None) -> Iterator[tuple[str, Entry]]:
    """What is copied below ``top``; a directory that is only passed through comes when something in it does."""
    yield from _Walker(source, len(top.path) + 1 if top.path else 0, excludes, includes).walk(top.path, -1, -1)


class _Walker:
    def __init__(self, source: Tree, prefix: int, excludes: Ignore, includes: Ignore | None) -> None:
        self._source = source
        self._prefix = prefix
        self._excludes = excludes
        self._includes = includes

    def walk(self, directory: str, excluded: int, included: int) -> Iterator[tuple[str, Entry]]:
        for child in self._source.children(directory):
            entry, relative = self._source[child], child[self._prefix :]
            mine = self._excludes.deciding(relative, excluded)
            chosen = self._includes.deciding(relative, included) if self._includes else 0
            kept = not self._excludes.is_ignoring(mine) and chosen >= 0
            if kept:
                yield relative, entry
            if not entry.is_directory or (
                self._excludes.is_ignoring(mine) and not self._excludes.may_keep_below(relative, mine)
            ):
                continue
            below = self.walk(child, mine, chosen)
            if kept:
                yield from below
                continue
            for number, item in enumerate(below):
                if number == 0:
                    yield relative, entry
                yield item


def _missing(path: str, where: Input) -> MissingError:
    path = path or "/"
    match where:
        case ContextInput(""):
            place = "the build context"
        case ContextInput(name):
            place = f"the build context `{name}`"
        case BaseInput(name):
            place, path = f"`{name}`", f"/{path.lstrip('/')}"
        case StageInput(index, name):
            place, path = f"stage `{name}`" if name else f"stage {index}", f"/{path.lstrip('/')}"
        case FilesInput():
            place = "the here-documents"
        case _:
            place = "the download"
    return MissingError(f"cannot copy `{path}`: it is not in {place}", path.strip("/"), where)
