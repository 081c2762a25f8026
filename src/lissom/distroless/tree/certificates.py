"""The certificates that programs trust: Debian's and those of the spec, in one PEM file as ca-certificates(8) makes it.

That file is all that a program reads: OpenSSL by its own name for it, curl, GnuTLS, Go by this one.
"""

from __future__ import annotations

import re
import ssl
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lissom.distroless.spec.pem import blocks
from lissom.distroless.tree.draft import file, link
from lissom.errors import IntegrityError
from lissom.rootfs.entry import Content, Entry, Kind

__all__ = ["BUNDLE", "Certificate", "bundle", "is_source", "trusted"]

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_SOURCE = "usr/share/ca-certificates/"
_OPENSSL = re.compile(r"usr/lib/(?:[^/]+/)?libcrypto\.so\.3")
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Certificate:
    """One certificate in DER, and a name for it that no other one has."""

    name: str
    der: bytes


def is_source(path: str) -> bool:
    """Whether Debian's package of certificates has one of them there."""
    return path.startswith(_SOURCE) and path.endswith(".crt")


def trusted(entries: Mapping[str, Entry], own: tuple[str, ...]) -> tuple[Certificate, ...]:
    """Each certificate of Debian's package among ``entries``, then of the PEM texts ``own``, once.

    Raises IntegrityError when a file of Debian's is none.
    """
    found: dict[bytes, str] = {}
    for path in sorted(entries):
        entry = entries[path]
        if is_source(path) and entry.content is not None:
            name = f"debian:{path.rpartition('/')[2].removesuffix('.crt').lower()}"
            for der in _ders(path, entry.content):
                found.setdefault(der, name)
    for text in own:
        found.setdefault(ssl.PEM_cert_to_DER_cert(text), "spec")
    return tuple(Certificate(name, der) for name, der in zip(_unique(found.values()), found, strict=True))


def bundle(trusted_ones: tuple[Certificate, ...], entries: Mapping[str, Entry]) -> list[Entry]:
    """The PEM file, if there is something to trust, and the name that Debian's OpenSSL has for it."""
    if not trusted_ones:
        return []
    named = any(_OPENSSL.fullmatch(path) and entry.kind is Kind.FILE for path, entry in entries.items())
    links = [link("usr/lib/ssl/cert.pem", f"/{BUNDLE}")] if named else []
    return [file(BUNDLE, "".join(ssl.DER_cert_to_PEM_cert(one.der) for one in trusted_ones)), *links]


def _unique(names: Iterable[str]) -> Iterator[str]:
    """Each name, with a number where it is not the first of its kind."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}"


def _ders(path: str, content: Content) -> list[bytes]:
    with content.open() as stream:
        data = stream.read(_LARGEST)
    try:
        found = [ssl.PEM_cert_to_DER_cert(text) for text in blocks(data)]
    except ValueError:
        found = []
    if not found:
        raise IntegrityError(f"cannot read certificate `/{path}`: it is not PEM")
    return found
