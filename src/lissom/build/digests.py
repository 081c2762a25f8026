"""Content digests of many files, remembered between builds by what stat says of each file.

A remembered digest is trusted while inode, size, mtime and ctime (ns) are what they were, and only when the file had
been at rest for two seconds when it was read: a change within one clock tick would otherwise go unseen.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lissom.errors import IntegrityError, UsageError
from lissom.rootfs.entry import Content, Entry, HostFile, Kind

__all__ = ["FileDigests"]

_AT_REST = 2_000_000_000
_CHUNK = 1 << 20
_PARALLEL_FROM = 4 << 20
_KEPT_UNUSED = 10_000


class FileDigests:
    """The sha256 digests (hex) of regular files, kept in the file ``memory``."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known: dict[str, list[object]] = _load(memory)
        self._used: set[str] = set()
        self._dirty = False

    def of(self, entries: Iterable[Entry]) -> dict[str, str]:
        """Entry path → digest of content, for the regular files among ``entries``; large files side by side."""
        found: dict[str, str] = {}
        large: list[Entry] = []
        for entry in entries:
            if entry.kind is not Kind.FILE or entry.content is None:
                continue
            if entry.size >= _PARALLEL_FROM:
                large.append(entry)
            else:
                found[entry.path] = self._one(entry.content)
        if large:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                contents = [e.content for e in large if e.content is not None]
                found.update(zip((e.path for e in large), pool.map(self._one, contents), strict=True))
        return found

    def save(self) -> None:
        """Write what was learned, atomically; a failure to do so costs time later and nothing else."""
        if not self._dirty:
            return
        if len(self._known) > len(self._used) + _KEPT_UNUSED:
            self._known = {path: known for path, known in self._known.items() if path in self._used}
        temporary = self._memory.with_name(f"{self._memory.name}.{os.getpid()}.{id(self)}")
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(self._known))
            temporary.replace(self._memory)
        except OSError:
            temporary.unlink(missing_ok=True)
        self._dirty = False

    def _one(self, content: Content) -> str:
        if not isinstance(content, HostFile):
            with content.open() as stream:
                hasher = hashlib.sha256()
                while block := stream.read(_CHUNK):
                    hasher.update(block)
                return hasher.hexdigest()
        path = os.fspath(content.path)
        try:
            return self._host_file(path)
        except PermissionError as error:  # ours are readable: it is a user's file
            raise UsageError(
                f"cannot read `{path}` of the build context: {error.strerror}",
                hint="name it in .dockerignore if the build does not need it",
            ) from error
        except OSError as error:
            raise IntegrityError(f"cannot read `{path}`: {error.strerror}") from error

    def _host_file(self, path: str) -> str:
        status = os.lstat(path)
        state: list[object] = [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        self._used.add(path)
        known = self._known.get(path)
        if known is not None and known[:4] == state:
            return str(known[4])
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            hasher = hashlib.sha256()
            while block := os.read(handle, _CHUNK):
                hasher.update(block)
        finally:
            os.close(handle)
        digest = hasher.hexdigest()
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _AT_REST:
            self._known[path] = [*state, digest]
            self._dirty = True
        return digest


def _load(memory: Path) -> dict[str, list[object]]:
    try:
        known = json.loads(memory.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
