"""Why an exchange came to nothing, in words of one line, and what can be done about it."""

from __future__ import annotations

from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from lissom.errors import RegistryError
from lissom.registry.wire.network import Network
from lissom.registry.wire.proxy import behind, is_socks_refusal, name_of, refusal

__all__ = ["broken_off", "cause_of"]

_NOT_HTTP = ("BadStatusLine(", "UnknownProtocol(", "LineTooLong(", "got more than")


def broken_off(asked: str, error: Exception, proxy: str | None, network: Network) -> RegistryError:
    """The error for an exchange without an answer: who failed, we or a proxy, and whether to try again."""
    cause, through = behind(error), ""
    if isinstance(cause, ProxyError) and proxy:
        return refusal(asked, proxy, cause)
    if proxy and is_socks_refusal(cause):
        return refusal(asked, proxy, 407)
    if proxy and (isinstance(error, ProxyError) or proxy.startswith("socks")):
        through = f"the proxy `{name_of(proxy)}`: "
    temporary = not isinstance(cause, (SSLError, NewConnectionError, NameResolutionError))
    return RegistryError(f"{asked}: {through}{cause_of(cause, network)}", hint=_hint(cause), temporary=temporary)


def cause_of(error: Exception, network: Network) -> str:
    """Why an exchange failed, in words of one line."""
    error = behind(error)
    if isinstance(error, SSLError):
        return f"TLS failed: {_tls_words(str(error))}"
    if isinstance(error, NewConnectionError) and "refused" in str(error):
        return "connection refused"
    if isinstance(error, ProtocolError) and any(sign in str(error) for sign in _NOT_HTTP):
        return "the answer is not HTTP"
    words = {
        NameResolutionError: "the host name cannot be resolved",
        NewConnectionError: "the host cannot be reached",  # to urllib3 it is a ConnectTimeoutError too
        ConnectTimeoutError: f"no connection within {network.connect_deadline:g} s",
        ReadTimeoutError: f"no data for {network.stall_deadline:g} s",
        TimeoutError: f"no data for {network.stall_deadline:g} s",
    }
    return next((text for kind, text in words.items() if isinstance(error, kind)), "the connection was cut")


def _tls_words(text: str) -> str:
    known = {
        "CERTIFICATE_VERIFY_FAILED": "the certificate cannot be verified",
        "WRONG_VERSION_NUMBER": "the server does not speak TLS",
        "RECORD_LAYER_FAILURE": "the server does not speak TLS",
        "certificate has expired": "the certificate has expired",
        "Hostname mismatch": "the certificate is for another host",
        "IP address mismatch": "the certificate is for another host",
        "CERTIFICATE_REQUIRED": "the server wants a certificate of ours",
    }
    found = [words for sign, words in known.items() if sign in text]
    return found[-1] if found else "the handshake was broken off"


def _hint(error: Exception) -> str | None:
    text = str(error)
    if isinstance(error, ConnectTimeoutError) and "refused" not in text:
        return "if it is out of reach from here, name a mirror (--mirror) or a proxy (HTTPS_PROXY)"
    if not isinstance(error, SSLError):
        return None
    if "CERTIFICATE_REQUIRED" in text:
        return "put NAME.cert and NAME.key into the host's directory of certs.d"
    if "CERTIFICATE" in text or "Hostname" in text:
        return "name the authority's certificate with --ca-file, or the host with --insecure-registry"
    return "if the registry speaks plain HTTP, name it with --insecure-registry"
