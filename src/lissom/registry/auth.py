"""Who we are to a registry: the challenge of a 401, tokens, and the logins they are asked for with.

Follows the distribution project's token specification and RFC 7235. A login goes to the registry that it is for and
to the token server which that registry names, and nowhere else.
"""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import dataclass
from threading import Lock
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from lissom.errors import RegistryError
from lissom.registry.network import shown
from lissom.registry.transport import Response, Transport, discard, failure, read_document

__all__ = ["Authorizer", "Challenge", "Credentials", "Login", "NoCredentials", "parse_challenges"]

_TOKEN_BODY = 64 << 10
_SHORTEST_LIFE = 60.0


@dataclass(frozen=True, slots=True)
class Login:
    """What a user proved to a registry before. ``identity_token`` buys tokens, ``registry_token`` is one."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Credentials(Protocol):
    """Where logins are kept. ``host`` is a reference's registry, such as ``docker.io`` or ``localhost:5000``."""

    def find(self, host: str) -> Login | None: ...


class NoCredentials:
    """Nobody is logged in anywhere."""

    def find(self, host: str) -> Login | None:  # noqa: ARG002 (the protocol's)
        """None."""
        return None


@dataclass(frozen=True, slots=True)
class Challenge:
    """One scheme of a WWW-Authenticate header with its parameters; names are in lower case."""

    scheme: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return dict(self.parameters).get(name, "")


_PARAMETER = re.compile(r'\s*,?\s*([A-Za-z0-9_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][A-Za-z0-9_.-]*)(?=\s|$|,)(?!\s*=)")


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Read a WWW-Authenticate header. What cannot be read is left out."""
    found, at = [], 0
    while match := _SCHEME.match(header, at):
        at, parameters = match.end(), []
        while pair := _PARAMETER.match(header, at):
            quoted = pair[2]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else pair[3]
            parameters.append((pair[1].lower(), value))
            at = pair.end()
        found.append(Challenge(match[1].lower(), tuple(parameters)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Token:
    header: str
    until: float


class Authorizer:
    """Authorization headers for one registry. Threads may share it; tokens are kept until shortly before they end."""

    def __init__(self, transport: Transport, registry: str, credentials: Credentials) -> None:
        self._transport = transport
        self._registry = registry
        self._credentials = credentials
        self._login: Login | None = None
        self._looked = False
        self._tokens: dict[frozenset[str], _Token] = {}
        self._basic: str | None = None
        self._lock = Lock()

    def header(self, scopes: frozenset[str]) -> str | None:
        """The header that was good before for ``scopes``, or None when the registry has not been asked yet."""
        token = self._tokens.get(scopes)
        if token and token.until > time.monotonic():
            return token.header
        return self._basic

    def answer(self, response: Response, url: str, scopes: frozenset[str], refused: str | None) -> str | None:
        """The header that answers a 401, or None when there is nothing (more) to say.

        ``refused`` is the header that the registry just turned down, if any.
        """
        challenges = parse_challenges(", ".join(response.headers.getlist("WWW-Authenticate")))
        with self._lock:
            known = self.header(scopes)
            if known and known != refused:
                return known
            for challenge in challenges:
                if challenge.scheme == "bearer":
                    return self._bearer(challenge, url, scopes)
            login = self.login()
            if login and login.username and any(c.scheme == "basic" for c in challenges):
                basic = _basic(login)
                self._basic = basic if basic != refused else None
                return self._basic
        return None

    def login(self) -> Login | None:
        """The login for this registry, looked up once."""
        if not self._looked:
            self._login, self._looked = self._credentials.find(self._registry), True
        return self._login

    def _bearer(self, challenge: Challenge, url: str, scopes: frozenset[str]) -> str:
        login = self.login()
        if login and login.registry_token:
            token, life = login.registry_token, _SHORTEST_LIFE
        else:
            token, life = self._fetch(challenge, url, scopes, login)
        header = f"Bearer {token}"
        self._tokens[scopes] = _Token(header, time.monotonic() + life * 0.9)
        return header

    def _fetch(self, challenge: Challenge, url: str, scopes: frozenset[str], login: Login | None) -> tuple[str, float]:
        realm = self._check_realm(challenge.get("realm"), url)
        wanted = sorted(scopes | ({challenge.get("scope")} if challenge.get("scope") and not scopes else set()))
        service = challenge.get("service")
        if login and login.identity_token:
            response = self._exchange(realm, service, wanted, login)
            if response.status not in (404, 405):
                return self._read(response, realm)
            discard(response)
        query = [("service", service)] if service else []
        query += [("scope", scope) for scope in wanted]
        if login and login.username:
            query.append(("account", login.username))
        asked = realm + ("&" if "?" in realm else "?") + urlencode(query)
        headers = {"Authorization": _basic(login)} if login and login.username else {}
        return self._read(self._transport.request("GET", asked, headers=headers), asked)

    def _exchange(self, realm: str, service: str, scopes: list[str], login: Login) -> Response:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": login.identity_token,
            "service": service,
            "scope": " ".join(scopes),
            "client_id": "lissom",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._transport.request("POST", realm, headers=headers, body=urlencode(form).encode())

    def _check_realm(self, realm: str, url: str) -> str:
        parts = urlsplit(realm)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RegistryError(f"cannot log in at `{shown(url)}`: its token server `{shown(realm)}` is no web address")
        plain_ok = urlsplit(url).scheme == "http" or self._transport.trust(parts.netloc).plain
        if parts.scheme == "http" and not plain_ok:
            raise RegistryError(f"cannot log in at `{shown(url)}`: its token server `{shown(realm)}` is not encrypted")
        self._transport.refuse_private("GET", url, realm)
        return realm

    def _read(self, response: Response, url: str) -> tuple[str, float]:
        if response.status != 200:
            hint = f"log in with `lissom login {self._registry}`" if response.status in (401, 403) else None
            raise failure(response, "GET", url, hint=hint)
        raw = read_document(response, url, _TOKEN_BODY)
        try:
            document = json.loads(raw)
            token = document.get("token") or document.get("access_token")
            life = float(document.get("expires_in") or 0)
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            raise RegistryError(f"cannot GET `{shown(url)}`: the token server's answer is not JSON") from error
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise RegistryError(f"cannot GET `{shown(url)}`: the token server's answer holds no token")
        return token, max(life, _SHORTEST_LIFE)


def _basic(login: Login) -> str:
    pair = f"{login.username}:{login.password}".encode()
    return "Basic " + base64.b64encode(pair).decode()
