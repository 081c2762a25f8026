"""Programs and libraries without what only debuggers read; see ``analysis.strip`` for what that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lissom.analysis.elf import Elf
from lissom.analysis.strip import stripped
from lissom.distroless.tree.draft import Draft
from lissom.rootfs.entry import Inline

__all__ = ["strip"]

_LARGEST = 512 << 20


def strip(draft: Draft, files: Mapping[str, Elf], paths: Iterable[str]) -> None:
    """Take symbols and debugging information from those of ``paths`` that are ELF ``files`` and have some."""
    done: set[str] = set()
    for path in paths:
        entry, elf = draft.entries[path], files.get(path)
        key = entry.inode or path
        if elf is None or entry.content is None or key in done or entry.size > _LARGEST:
            continue
        done.add(key)
        if elf.has_symbols and not _has_sum(draft, path):
            with entry.content.open() as stream:
                data = stripped(stream.read())
            if data is not None:
                draft.change(path, Inline(data), len(data), "without its symbols")


def _has_sum(draft: Draft, path: str) -> bool:
    """Whether a sum of the file's content lies beside it, which a library checks at its start."""
    directory, _, name = path.rpartition("/")
    return f"{path}.hmac" in draft.entries or f"{directory}/.{name}.hmac" in draft.entries
