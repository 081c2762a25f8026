"""Digests, as the image specification's descriptor page defines them."""

from __future__ import annotations

import hashlib
import re
from typing import Self

from lissom.errors import IntegrityError

__all__ = ["Digest"]

_GRAMMAR = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


class Digest(str):
    """``algorithm:hex``, well-formed at birth: lower case, of the algorithm's length, of an algorithm we can verify.

    Raises IntegrityError for anything else.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        algorithm, _, encoded = text.partition(":")
        if not _GRAMMAR.fullmatch(text):
            raise IntegrityError(f"cannot read digest `{text[:200]}`: it is not of the form algorithm:hex")
        length = _HEX_LENGTHS.get(algorithm)
        if length is None:
            raise IntegrityError(
                f"cannot use digest `{text[:200]}`: algorithm `{algorithm}` is not supported",
                hint="lissom verifies " + ", ".join(_HEX_LENGTHS),
            )
        if len(encoded) != length or not re.fullmatch(r"[0-9a-f]+", encoded):
            raise IntegrityError(f"cannot read digest `{text[:200]}`: {algorithm} needs {length} lower-case hex digits")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, data: bytes) -> Digest:
        """The sha256 digest of ``data``."""
        return cls("sha256:" + hashlib.sha256(data).hexdigest())

    @property
    def algorithm(self) -> str:
        return self.partition(":")[0]

    @property
    def hex(self) -> str:
        return self.partition(":")[2]

    @property
    def short(self) -> str:
        """The first twelve hex digits, as docker shows them."""
        return self.hex[:12]

    def hasher(self) -> hashlib._Hash:
        """A fresh hash object of this digest's algorithm."""
        return hashlib.new(self.algorithm)
