"""What reading a zip archive may raise, a jar or a wheel, when it is damaged or made to harm."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

__all__ = ["DAMAGED"]

DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, ValueError, EOFError, IndexError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
"""Compressors' errors are no kin of BadZipFile; a password that is missing is a RuntimeError."""
