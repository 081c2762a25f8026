"""Authorization of requests to one registry: a 401 is answered with a token or a login, and the answer kept."""

from __future__ import annotations

import time
from threading import Lock

from lissom.registry.logins.challenge import Challenge, joined_scopes, parse_challenges, repository_of
from lissom.registry.logins.login import Credentials, Login
from lissom.registry.logins.tokens import Token, ask_token
from lissom.registry.wire.transport import Response, Transport

__all__ = ["Authorizer"]


class Authorizer:
    """Authorization headers for one registry. Threads may share it; tokens are kept until shortly before they end.

    Nothing is told before the registry asks. What it once asked for a repository is answered unasked from then on, so
    that no long upload is begun with a token that has ended.
    """

    def __init__(self, transport: Transport, registry: str, credentials: Credentials) -> None:
        self._transport = transport
        self._registry = registry
        self._credentials = credentials
        self._logins: dict[str, Login | None] = {}
        self._tokens: dict[frozenset[str], Token] = {}
        self._asked: dict[str, tuple[Challenge, str]] = {}
        self._takes_basic = False
        self._lock = Lock()

    def header(self, scopes: frozenset[str], *, by: Transport | None = None) -> str | None:
        """The header for ``scopes``, or None when the registry has not asked for any yet.

        May ask for a token, ``by`` a transport of another patience.
        """
        with self._lock:
            return self._known(scopes, by or self._transport)

    def answer(
        self,
        response: Response,
        url: str,
        scopes: frozenset[str],
        refused: str | None,
        *,
        by: Transport | None = None,
    ) -> str | None:
        """The header that answers a 401, or None when there is nothing (more) to say.

        ``refused`` is the header that the registry just turned down, if any; ``by`` as for ``header``.
        """
        challenges = parse_challenges(", ".join(response.headers.getlist("WWW-Authenticate")))
        with self._lock:
            self._tokens = {known: token for known, token in self._tokens.items() if token.header != refused}
            # Another thread may just have asked. A token for more scopes will not do: it may have ended alike.
            if (token := self._tokens.get(scopes)) and token.until > time.monotonic():
                return token.header
            for challenge in challenges:
                if challenge.scheme == "bearer":
                    return self._bearer(challenge, url, scopes, by or self._transport)
            login = self._login(scopes)
            if login and any(c.scheme == "basic" for c in challenges):
                self._takes_basic = True
                return login.basic if login.basic != refused else None
        return None

    def hint(self, repository: str) -> str:
        """What a user can do when the registry or its token server refuses something of ``repository``."""
        login = self._logins.get(repository)
        if login is None or not login.kept_in:
            return f"log in with `lissom login {self._registry}`"
        who = f" of `{login.username}`" if login.username else ""
        return (
            f"the login{who} is from `{login.kept_in}`: "
            f"replace it with `lissom login {self._registry}`, or drop it with `lissom logout {self._registry}`"
        )

    def _known(self, scopes: frozenset[str], by: Transport) -> str | None:
        if token := self._kept(scopes):
            return token.header
        if asked := self._asked.get(repository_of(scopes)):
            return self._bearer(*asked, scopes, by)
        login = self._login(scopes) if self._takes_basic else None
        return login.basic if login else None

    def _kept(self, scopes: frozenset[str]) -> Token | None:
        """A token that still holds: for these scopes, else for more than these."""
        holding = {known: token for known, token in self._tokens.items() if token.until > time.monotonic()}
        wider = (token for known, token in holding.items() if joined_scopes(known, scopes) == joined_scopes(known))
        return holding.get(scopes) or next(wider, None)

    def _bearer(self, challenge: Challenge, url: str, scopes: frozenset[str], by: Transport) -> str:
        login = self._login(scopes)
        token = ask_token(by, challenge, url, scopes, login, hint=self.hint(repository_of(scopes)))
        self._tokens[scopes] = token
        self._asked[repository_of(scopes)] = challenge, url
        return token.header

    def _login(self, scopes: frozenset[str]) -> Login | None:
        """The login for the scopes' repository, looked up once."""
        repository = repository_of(scopes)
        if repository not in self._logins:
            self._logins[repository] = self._credentials.find(self._registry, repository)
        return self._logins[repository]
