"""Certificates as people hand them over: PEM with or without remarks, several in one file, or one in DER."""

from __future__ import annotations

import re
import ssl

__all__ = ["blocks", "certificates"]

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s.*?-----END CERTIFICATE-----", re.DOTALL)


def certificates(data: bytes) -> tuple[str, ...]:
    """The certificates of ``data``, each a PEM text of its own, see RFC 7468. Raises ValueError with the cause."""
    if b"PRIVATE KEY-----" in data:
        raise ValueError("a private key is in it, which would be in the image for everybody to read")
    texts = [ssl.DER_cert_to_PEM_cert(data)] if data.startswith(b"\x30") else blocks(data)
    if not texts:
        raise ValueError("no certificate is in it")
    return tuple(dict.fromkeys(_checked(text) for text in texts))


def blocks(data: bytes) -> list[str]:
    """The parts of ``data`` that say of themselves that they are certificates in PEM; nobody has looked into them."""
    return [block.decode("ascii", "replace") for block in _BLOCK.findall(data)]


def _checked(text: str) -> str:
    try:
        data = ssl.PEM_cert_to_DER_cert(text)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data)
    except (ValueError, ssl.SSLError) as error:
        raise ValueError("a certificate in it is damaged") from error
    return ssl.DER_cert_to_PEM_cert(data)
