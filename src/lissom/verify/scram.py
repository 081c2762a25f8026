"""A login by SCRAM-SHA-256."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

__all__ = ["Scram"]

_MOST_ROUNDS = 1 << 20


class Scram:
    """Our side of SCRAM-SHA-256 (RFC 5802, 7677), without channel binding; who the server is does not matter here."""

    def __init__(self, password: str) -> None:
        self._password = unicodedata.normalize("NFKC", password).encode()
        self._nonce = base64.b64encode(secrets.token_bytes(18))
        self.first = b"n=,r=" + self._nonce

    def proof(self, challenge: bytes) -> bytes:
        """The answer to the server's challenge. Raises ValueError."""
        given = {part[:1]: part[2:] for part in challenge.split(b",")}
        nonce, rounds = given.get(b"r", b""), int(given.get(b"i", b""))
        if not (nonce.startswith(self._nonce) and 0 < rounds <= _MOST_ROUNDS):
            raise ValueError("the challenge is not one of SCRAM-SHA-256, or asks for too many rounds")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(given.get(b"s", b"")), rounds)
        key = hmac.digest(salted, b"Client Key", "sha256")
        bare = b"c=biws,r=" + nonce
        signature = hmac.digest(hashlib.sha256(key).digest(), b"%s,%s,%s" % (self.first, challenge, bare), "sha256")
        return bare + b",p=" + base64.b64encode(bytes(one ^ two for one, two in zip(key, signature, strict=True)))
