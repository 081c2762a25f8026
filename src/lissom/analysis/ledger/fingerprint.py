"""Whether two files are likely the same, told as fast as bytes are decompressed.

SHA-256 of a gigabyte costs half as much again as decompressing it. So only the beginning of a content is hashed so, the
whole of it by CRC-32 and Adler-32, which cost a tenth of that: files that differ by accident have other fingerprints,
and who makes two that have the same one has an image that seems to waste more than it does.
"""

from __future__ import annotations

import hashlib
import struct

from isal import isal_zlib

__all__ = ["Fingerprint", "fingerprint"]

_HEAD = 4096


def fingerprint(data: memoryview | bytes) -> bytes:
    """Of a content that is at hand: what ``Fingerprint`` gives for it."""
    head = hashlib.sha256(data[:_HEAD]).digest()
    return head + struct.pack(">IIQ", isal_zlib.crc32(data), isal_zlib.adler32(data), len(data))


class Fingerprint:
    """Of a content that comes in pieces; the pieces may be cut anywhere."""

    __slots__ = ("_adler", "_crc", "_head", "_left", "_size")

    def __init__(self) -> None:
        self._head = hashlib.sha256()
        self._left = _HEAD
        self._crc = 0
        self._adler = 1
        self._size = 0

    def update(self, data: memoryview | bytes) -> None:
        """The next piece."""
        if self._left:
            head = data[: self._left]
            self._head.update(head)
            self._left -= len(head)
        self._crc = isal_zlib.crc32(data, self._crc)
        self._adler = isal_zlib.adler32(data, self._adler)
        self._size += len(data)

    def digest(self) -> bytes:
        """48 bytes that contents of equal bytes share."""
        return self._head.digest() + struct.pack(">IIQ", self._crc, self._adler, self._size)
