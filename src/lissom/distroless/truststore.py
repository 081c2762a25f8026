"""Java's own form of the trusted certificates: the file that Debian's JDK links to, in the format JKS.

A JKS file is big-endian: magic, version, number of entries; of a certificate its tag, alias, time in milliseconds, type
and DER; at the end a SHA-1 over the password, a phrase and all of it. Java reads it whatever its default type is.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence

from lissom.distroless.certificates import Certificate
from lissom.distroless.draft import file, link
from lissom.rootfs.entry import Entry

__all__ = ["trust_store"]

_PATH = "etc/ssl/certs/java/cacerts"
_JVM = "/lib/server/libjvm.so"
_MAGIC, _VERSION, _CERTIFICATE = 0xFEEDFEED, 2, 2
_PASSWORD = "changeit"  # noqa: S105 - everybody's, so that anybody can check the sum
_PHRASE = b"Mighty Aphrodite"


def trust_store(certificates: Sequence[Certificate], paths: Iterable[str]) -> list[Entry]:
    """The store, and each JVM's link to it; nothing without a JVM among ``paths`` or without certificates."""
    homes = sorted({path.removesuffix(_JVM) for path in paths if path.endswith(_JVM)})
    if not homes or not certificates:
        return []
    return [file(_PATH, _jks(certificates)), *(link(f"{home}/lib/security/cacerts", f"/{_PATH}") for home in homes)]


def _jks(certificates: Sequence[Certificate]) -> bytes:
    data = struct.pack(">III", _MAGIC, _VERSION, len(certificates))
    entries = (
        struct.pack(">I", _CERTIFICATE)
        + _text(one.name)
        + struct.pack(">Q", 0)
        + _text("X.509")
        + struct.pack(">I", len(one.der))
        + one.der
        for one in certificates
    )
    data += b"".join(entries)
    return data + hashlib.sha1(_PASSWORD.encode("utf-16-be") + _PHRASE + data, usedforsecurity=False).digest()


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return struct.pack(">H", len(data)) + data
