"""TLS as a Trust asks for it."""

from __future__ import annotations

import ssl
from pathlib import Path

from lissom.errors import RegistryError
from lissom.registry.trust import Trust

__all__ = ["context_for"]


def context_for(trust: Trust) -> ssl.SSLContext:
    """A client's TLS settings. Raises RegistryError for files that cannot be used."""
    if trust.verify:
        context = ssl.create_default_context()
        for file in trust.authorities:
            _add_authorities(context, file)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    # A context holds one certificate for each kind of key, the last one loaded: the first one listed is to win.
    for certificate, key in reversed(trust.certificates):
        _show(context, certificate, key)
    return context


def _add_authorities(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=str(file))
    except (OSError, ssl.SSLError, ValueError) as error:
        raise RegistryError(f"cannot read certificates `{file}`: {_why(error)}") from error


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    for file in (certificate, key):
        try:
            file.open("rb").close()
        except (OSError, ValueError) as error:
            raise RegistryError(f"cannot read the client certificate's `{file}`: {_why(error)}") from error
    try:
        # An empty password instead of a question on the terminal, which is what OpenSSL does by itself.
        context.load_cert_chain(str(certificate), str(key), password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise RegistryError(
            f"cannot use the client certificate `{certificate}` with `{key}`: {_why(error)}",
            hint="both must be PEM, the key without a password, and they must belong together",
        ) from error


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        words = {
            "KEY_VALUES_MISMATCH": "the key is another certificate's",
            "NO_CERTIFICATE_OR_CRL_FOUND": "there is no certificate in it",
            "BAD_PASSWORD_READ": "the key is locked with a password",
            "BAD_DECRYPT": "the key is locked with a password",
        }
        return words.get(error.reason or "", "it is no PEM that can be used")
    return (isinstance(error, OSError) and error.strerror) or str(error)
