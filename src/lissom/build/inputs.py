"""What steps read besides the stage that they work on: contexts, stages, images, downloads, here-documents.

Each input is opened once, however many steps ask for it at the same time.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lissom.build.advice import about_missing
from lissom.build.copy import select
from lissom.build.digests import FileDigests
from lissom.build.key import Selection, listing
from lissom.build.selection import MissingError
from lissom.build.step import BaseInput, ContextInput, CopyOp, FilesInput, GitInput, Input, StageInput, UrlInput
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset, Tree
from lissom.store.cache import Cache
from lissom.store.snapshots import Delta, Snapshots

__all__ = ["Inputs", "Sources"]


@dataclass(frozen=True)
class Sources:
    """How the outside is reached: build contexts by name, downloads of ADD, the finished stages of this build.

    ``hidden_by`` tells which ignore rule hides an existing path of the build context.
    """

    context: Callable[[str], Tree]
    download: Callable[[UrlInput], Tree]
    clone: Callable[[GitInput], Tree]
    stage: Callable[[int], tuple[Delta, ...]]
    hidden_by: Callable[[str], str | None] = lambda _path: None


@dataclass
class Inputs:
    """Trees, directories and selections of inputs, made on first use."""

    sources: Sources
    snapshots: Snapshots
    cache: Cache
    memory: Path
    _trees: dict[Input, Tree] = field(default_factory=dict)
    _locks: dict[Input, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _digests: dict[str, FileDigests] = field(default_factory=dict)

    def tree(self, source: Input) -> Tree:
        """The files of ``source``; their contents can be opened."""
        with self._guard:
            lock = self._locks.setdefault(source, threading.Lock())
        with lock:
            if source not in self._trees:
                self._trees[source] = self._open(source)
            return self._trees[source]

    def chain(self, source: Input) -> tuple[Delta, ...] | None:
        """The deltas of a stage or image; None for inputs that are no images."""
        if isinstance(source, StageInput):
            return self.sources.stage(source.index)
        if isinstance(source, BaseInput):
            layers = source.image.layers if source.image else ()
            return tuple(self.snapshots.adopt(layer) for layer in layers)
        return None

    def lowers(self, source: Input, subtree: str) -> tuple[tuple[Path, ...], str]:
        """Directories (bottom first) to mount ``source`` from, and the path in them that ``subtree`` is."""
        chain = self.chain(source)
        if chain is not None:
            return self.snapshots.lowers(chain), subtree
        return self.snapshots.lowers((self._materialise(source, subtree),)), subtree

    def selection(self, operation: CopyOp) -> tuple[str, Selection | None]:
        """A digest of what COPY selects, and the files by name where they are at hand."""
        chain = self.chain(operation.input)
        wanted = [list(operation.sources), list(operation.excludes), operation.parents, operation.unpack]
        try:
            return self._selection(operation.input, chain, wanted, lambda tree: select(operation, tree))
        except MissingError as error:
            error.hint = about_missing(error, operation, self.tree(operation.input), self.sources.hidden_by)
            raise

    def subtree(self, source: Input, path: str) -> tuple[str, Selection | None]:
        """A digest of what a bind mount of ``path`` shows."""
        return self._selection(source, self.chain(source), ["below", path], lambda tree: _below(tree, path))

    def save(self) -> None:
        """Keep the digests that were computed for the next build."""
        for digests in self._digests.values():
            digests.save()

    def _selection(
        self,
        source: Input,
        chain: tuple[Delta, ...] | None,
        wanted: Sequence[object],
        choose: Callable[[Tree], Sequence[tuple[str, Entry]]],
    ) -> tuple[str, Selection | None]:
        memo = None
        if chain is not None:
            memo = _hash(["selection", [delta.id for delta in chain], *wanted])
            if known := self.cache.note(memo):
                return known, None
        chosen = choose(self.tree(source))
        found = listing(chosen, self._file_digests(source).of(entry for _, entry in chosen))
        digest = _hash(sorted(found.items()))
        if memo:
            self.cache.remember_note(memo, digest)
        return digest, found

    def _file_digests(self, source: Input) -> FileDigests:
        name = _hash([type(source).__name__, str(source) if isinstance(source, ContextInput) else ""])[:16]
        with self._guard:
            return self._digests.setdefault(name, FileDigests(self.memory / f"{name}.json"))

    def _open(self, source: Input) -> Tree:
        match source:
            case ContextInput(name):
                return self.sources.context(name)
            case UrlInput():
                return self.sources.download(source)
            case GitInput():
                return self.sources.clone(source)
            case FilesInput(files):
                now = int(time.time())
                made = (
                    Entry(name, Kind.FILE, 0o644, mtime=now, size=len(data), content=Inline(data))
                    for name, data in files
                )
                return Tree({entry.path: entry for entry in made})
            case _:
                chain = self.chain(source) or ()
                self.snapshots.lowers(chain)
                return self.snapshots.tree(chain)

    def _materialise(self, source: Input, subtree: str) -> Delta:
        """The files of a context as a directory of the store: root's own, ignore rules applied, never the user's."""
        digest, _ = self.subtree(source, subtree)
        memo = _hash(["directory", digest, subtree])
        if (known := self.cache.note(memo)) and (delta := self.snapshots.find(known)):
            return delta
        tree = self.tree(source)
        chosen: dict[str, Entry] = {}
        for _, entry in _below(tree, subtree):
            chosen[entry.path] = entry
            above = entry.path
            while above := above.rpartition("/")[0]:
                chosen[above] = tree[above]
        delta = self.snapshots.put_changeset(Changeset.of(chosen.values()), pack=None)
        self.cache.remember_note(memo, delta.id)
        return delta


def _below(tree: Tree, path: str) -> list[tuple[str, Entry]]:
    top = tree.resolve(path)
    if top not in tree:
        return []
    if not tree[top].is_directory:
        return [("", tree[top])]
    prefix = len(top) + 1 if top else 0
    return [(entry.path[prefix:], entry) for entry in tree.below(top)]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode("utf-8", "surrogatepass")).hexdigest()
