"""Connections by way of a proxy, and what it says when it does not let us through."""

from __future__ import annotations

import importlib.util
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, ProxyError

from lissom.errors import RegistryError, UsageError
from lissom.registry.trust import Trust
from lissom.registry.wire.tls import context_for

__all__ = ["behind", "is_socks_refusal", "name_of", "pool_by", "refusal"]

_ONCE_MORE = frozenset({502, 503, 504})


def pool_by(proxy: str, trust: Trust, options: dict[str, Any]) -> urllib3.PoolManager:
    """Connections by way of ``proxy``, which is checked as ``trust`` says when it speaks TLS itself.

    Its login is sent to it alone, and is in no address that a message could show. Raises UsageError.
    """
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme.startswith("socks"):
        if importlib.util.find_spec("socks") is None:
            raise UsageError(
                f"cannot use proxy `{name_of(proxy)}`: SOCKS needs the package PySocks",
                hint="pip install 'lissom[socks]', or name an HTTP proxy",
            )
        from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415 - it warns where PySocks is missing

        return SOCKSProxyManager(name_of(proxy), username=user or None, password=password or None, **options)
    headers = urllib3.make_headers(proxy_basic_auth=f"{user}:{password}" if user else None)
    if parts.scheme == "https":
        options = {**options, "proxy_ssl_context": context_for(trust)}
    return urllib3.ProxyManager(name_of(proxy), proxy_headers=headers, **options)


def name_of(proxy: str) -> str:
    """A proxy's address without its login."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def behind(error: Exception) -> Exception:
    """What a ProxyError wraps, when the proxy could not be reached or is not to be trusted; else the error itself."""
    while isinstance(error, ProxyError) and isinstance(error.original_error, HTTPError):
        error = error.original_error
    return error


def is_socks_refusal(error: Exception) -> bool:
    """Whether a SOCKS proxy did not take our login, or wants one."""
    said = str(error)
    return "SOCKS5 authentication failed" in said or "authentication methods were rejected" in said


def refusal(asked: str, proxy: str, error: ProxyError | int) -> RegistryError:
    """The error for a proxy's own answer: to CONNECT, as urllib3 words it, or the status of any other request.

    ``asked`` says what could not be done, such as "cannot GET `…`".
    """
    found = re.search(r"Tunnel connection failed: (\d{3})", str(error)) if isinstance(error, ProxyError) else None
    status = error if isinstance(error, int) else int(found[1]) if found else 0
    who, user = f"the proxy `{name_of(proxy)}`", unquote(urlsplit(proxy).username or "")
    if status == 407 and user:
        return RegistryError(f"{asked}: {who} refuses the login of `{user}`")
    if status == 407:
        hint = "put it into the proxy's address: http://USER:PASSWORD@HOST:PORT"
        return RegistryError(f"{asked}: {who} wants a login", hint=hint)
    # A connection that was cut, also one kept from an earlier request, says nothing of whether we may pass.
    cut = isinstance(error, ProxyError) and isinstance(error.original_error, ConnectionError)
    said = f"answered {status}" if status else "hung up" if cut else "did not answer as a proxy does"
    direct = "if the registry can be reached without it, name it in NO_PROXY" if status == 403 else None
    return RegistryError(f"{asked}: {who} {said}", hint=direct, temporary=cut or status in _ONCE_MORE)
