"""Bytes of a content at any offset, read as little as the content allows."""

from __future__ import annotations

import io
import os
from types import TracebackType
from typing import Self

from lissom.rootfs.entry import Content

__all__ = ["BytesAt"]

_CHUNK = 1 << 20


class BytesAt:
    """An open content. ``read`` gives fewer bytes than asked for where the content ends; nothing raises for that."""

    def __init__(self, content: Content) -> None:
        self._stream = content.open()
        self._file = _descriptor(self._stream)
        self._seen = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    def read(self, offset: int, size: int) -> bytes:
        """At most ``size`` bytes from ``offset`` on."""
        if size <= 0 or not 0 <= offset < 1 << 62:
            return b""
        if self._file >= 0:
            return self._pread(offset, size)
        if self._stream.seekable():
            self._stream.seek(offset)
            return self._stream.read(size)
        while len(self._seen) < offset + size and (chunk := self._stream.read(_CHUNK)):
            self._seen += chunk
        return bytes(self._seen[offset : offset + size])

    def _pread(self, offset: int, size: int) -> bytes:
        data = os.pread(self._file, size, offset)
        if len(data) == size or not data:
            return data
        parts = [data]
        while (size := size - len(parts[-1])) and parts[-1]:
            offset += len(parts[-1])
            parts.append(os.pread(self._file, size, offset))
        return b"".join(parts)


def _descriptor(stream: object) -> int:
    """The descriptor of a plain file; -1 for a stream that only looks like one."""
    if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO):
        return stream.raw.fileno()
    return -1
