"""Tokens from the server that a registry names, as the distribution project's token specification has it.

A login goes to the registry that it is for and to the token server which that registry names, and nowhere else.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lissom.errors import RegistryError
from lissom.registry.logins.challenge import Challenge, joined_scopes
from lissom.registry.logins.login import Login
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import Response, Transport, discard, failure, read_document

__all__ = ["Token", "ask_token"]

_CLIENT = "lissom"
_TOKEN_BODY = 64 << 10
_SHORTEST_LIFE = 60.0
_LONGEST_LIFE = 86400.0


@dataclass(frozen=True, slots=True)
class Token:
    """A header that a registry takes ``until`` a moment of the monotonic clock: no jump of the other one matters.

    ``identity`` is what a login may be kept as in place of a password, where the server gave that.
    """

    header: str
    until: float
    identity: str = ""

    def __repr__(self) -> str:
        return f"Token(until={self.until!r})"

    @classmethod
    def of(cls, text: str, life: float = _SHORTEST_LIFE, identity: str = "") -> Token:
        """``life`` is in seconds; the last tenth of it is not used, since a request takes its time."""
        return cls(f"Bearer {text}", time.monotonic() + life * 0.9, identity)


@dataclass(frozen=True, slots=True)
class _Question:
    realm: str
    service: str
    scopes: list[str]
    login: Login | None
    offline: bool

    @property
    def query(self) -> str:
        """What a GET asks; the account is told as docker tells it."""
        pairs = [("service", self.service)] if self.service else []
        pairs += [("scope", scope) for scope in self.scopes]
        if self.login and self.login.username:
            pairs.append(("account", self.login.username))
        if self.offline:
            pairs += [("client_id", _CLIENT), ("offline_token", "true")]
        return urlencode(pairs)

    @property
    def form(self) -> bytes:
        """What a POST asks with a refresh token."""
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": self.login.identity_token if self.login else "",
            "service": self.service,
            "scope": " ".join(self.scopes),
            "client_id": _CLIENT,
        }
        return urlencode(fields).encode()


def ask_token(
    transport: Transport,
    challenge: Challenge,
    url: str,
    scopes: Iterable[str],
    login: Login | None,
    *,
    hint: str,
    offline: bool = False,
) -> Token:
    """The token that answers a registry's ``challenge`` to a request for ``url``.

    It is asked for with what the challenge says beside ``scopes``; one with less is no error here, the registry will
    say so. ``offline`` asks for an identity token too. Raises RegistryError, with ``hint`` when the login is refused.
    """
    if login and login.registry_token:
        return Token.of(login.registry_token)
    realm = _checked_realm(transport, challenge.get("realm"), url)
    wanted = joined_scopes(scopes, challenge.get("scope").split())
    question = _Question(realm, challenge.get("service"), wanted, login, offline)
    if login and login.identity_token:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = transport.request("POST", realm, headers=headers, body=question.form)
        if response.status not in (404, 405):
            return _read(response, "POST", realm, login, hint)
        discard(response)
    asked = realm + ("&" if "?" in realm else "?") + question.query
    basic = login.basic if login else None
    response = transport.request("GET", asked, headers={"Authorization": basic} if basic else {})
    return _read(response, "GET", asked, login, hint)


def _checked_realm(transport: Transport, realm: str, url: str) -> str:
    """A token server that may see a login."""
    try:
        parts = urlsplit(realm)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise RegistryError(f"cannot log in at `{shown(url)}`: its token server `{realm[:80]}` is no web address")
    plain_ok = urlsplit(url).scheme == "http" or transport.trust(parts.netloc).plain
    if parts.scheme == "http" and not plain_ok:
        raise RegistryError(f"cannot log in at `{shown(url)}`: its token server `{shown(realm)}` is not encrypted")
    if host != urlsplit(url).hostname and transport.network.proxy_for(realm) is None:
        transport.refuse_private("GET", url, realm)
    return parts._replace(fragment="").geturl()


def _read(response: Response, method: str, url: str, login: Login | None, hint: str) -> Token:
    if response.status != 200:
        refused = response.status in (401, 403) or (response.status == 400 and login is not None)
        error = failure(response, method, url, hint=hint if refused else None)
        raise _without(login, error)
    raw = read_document(response, url, _TOKEN_BODY)
    try:
        document = json.loads(raw)
        text = document.get("token") or document.get("access_token")
        identity = document.get("refresh_token")
        life = float(document.get("expires_in") or 0)
    except (ValueError, AttributeError, TypeError, RecursionError, OverflowError) as error:
        raise RegistryError(f"cannot {method} `{shown(url)}`: the token server's answer is not JSON") from error
    if not _is_token(text):
        raise RegistryError(f"cannot {method} `{shown(url)}`: the token server's answer holds no token")
    life = min(max(life, _SHORTEST_LIFE), _LONGEST_LIFE) if math.isfinite(life) else _SHORTEST_LIFE
    return Token.of(text, life, identity if _is_token(identity) else "")


def _is_token(text: Any) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[\x21-\x7e]+", text) is not None


def _without(login: Login | None, error: RegistryError) -> RegistryError:
    """The same error, should the server have repeated what it was told."""
    message = error.message
    for secret in login.secrets if login else ():
        message = message.replace(secret, "…")
    return RegistryError(message, hint=error.hint, temporary=error.temporary)
