"""Java's own form of the trusted certificates: the file that Debian's JDK links to, in the format JKS.

A JKS file is big-endian: magic, version, number of entries; of a certificate its tag, alias, time in milliseconds, type
and DER; at the end a SHA-1 over the password, a phrase and all of it. Java reads it whatever its default type is.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence

from lissom.distroless.tree.certificates import Certificate
from lissom.distroless.tree.draft import file, link
from lissom.rootfs.entry import Entry

__all__ = ["TRUST_STORE", "dated", "trust_store"]

TRUST_STORE = "etc/ssl/certs/java/cacerts"
_JVM = "/lib/server/libjvm.so"
_MAGIC, _VERSION, _CERTIFICATE = 0xFEEDFEED, 2, 2
_PASSWORD = "changeit"  # noqa: S105 - everybody's, so that anybody can check the sum
_HEAD, _SUM = 12, 20
_PHRASE = b"Mighty Aphrodite"


def trust_store(certificates: Sequence[Certificate], paths: Iterable[str]) -> list[Entry]:
    """The store, and each JVM's link to it; nothing without a JVM among ``paths`` or without certificates."""
    homes = sorted({path.removesuffix(_JVM) for path in paths if path.endswith(_JVM)})
    if not homes or not certificates:
        return []
    return [
        file(TRUST_STORE, _jks(certificates)),
        *(link(f"{home}/lib/security/cacerts", f"/{TRUST_STORE}") for home in homes),
    ]


def _jks(certificates: Sequence[Certificate]) -> bytes:
    head = struct.pack(">III", _MAGIC, _VERSION, len(certificates))
    entries = (
        struct.pack(">I", _CERTIFICATE)
        + _text(one.name)
        + struct.pack(">Q", 0)
        + _text("X.509")
        + struct.pack(">I", len(one.der))
        + one.der
        for one in certificates
    )
    return _summed(head + b"".join(entries))


def dated(store: bytes, seconds: int) -> bytes:
    """``store`` with every certificate's time set. What is no such store, or holds keys, stays as it is."""
    data = bytearray(store[:-_SUM])
    try:
        magic, version, count = struct.unpack_from(">III", data)
        place = _HEAD
        if (magic, version) != (_MAGIC, _VERSION):
            return store
        for _ in range(count):
            if struct.unpack_from(">I", data, place)[0] != _CERTIFICATE:
                return store
            place = _after_text(data, place + 4)
            struct.pack_into(">Q", data, place, seconds * 1000)
            place = _after_text(data, place + 8)
            place += 4 + struct.unpack_from(">I", data, place)[0]
    except struct.error:
        return store
    return _summed(bytes(data)) if place == len(data) else store


def _after_text(data: bytearray, place: int) -> int:
    return int(place + 2 + struct.unpack_from(">H", data, place)[0])


def _summed(data: bytes) -> bytes:
    return data + hashlib.sha1(_PASSWORD.encode("utf-16-be") + _PHRASE + data, usedforsecurity=False).digest()


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return struct.pack(">H", len(data)) + data
