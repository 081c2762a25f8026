"""A token server for docker-registry: JSON web tokens signed with RS256 by the openssl program.

Who has no login may pull from ``public/…``; a user may do everything below ``team/…``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from authorities import Authority

_GRACE = 60  # seconds that docker-registry goes on taking a token


@dataclass
class Asked:
    """One request: its login (``""``: none), what it asked, and with which method."""

    method: str
    user: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class TokenServer:
    """Answers at ``realm``; ``settings`` make docker-registry believe it.

    ``life`` is what it says of tokens, ``ends`` when the registry no longer takes them; both are seconds.
    ``instead`` answers in its place when set. ``refresh`` is the identity token that it gives and takes, if any.
    """

    realm: str
    authority: Authority
    users: dict[str, str]
    refresh: str = ""
    life: float = 300
    ends: float = 300
    instead: Callable[[BaseHTTPRequestHandler], None] | None = None
    asked: list[Asked] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    @property
    def settings(self) -> str:
        return (
            f"auth: {{token: {{realm: {self.realm}, service: tests, issuer: tests, "
            f"rootcertbundle: {self.authority.certificate}}}}}\n"
        )

    def token(self, user: str, scopes: list[str]) -> str:
        """A signed token for what ``user`` may do of ``scopes``."""
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            wanted = actions.split(",")
            allowed = (
                wanted
                if user and name.startswith("team/")
                else [a for a in wanted if a == "pull" and name.startswith("public/")]
            )
            access.append({"type": kind, "name": name, "actions": allowed})
        now = int(time.time())
        claims = {
            "iss": "tests", "sub": user, "aud": "tests", "iat": now, "nbf": now - 60,
            "exp": now + self.ends - _GRACE, "jti": secrets.token_hex(8), "access": access,
        }  # fmt: skip
        certificate = "".join(self.authority.certificate.read_text().split("-----")[2].split())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        signature = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.authority.key],
            input=signed, check=True, capture_output=True, timeout=60,
        ).stdout  # fmt: skip
        self.given.append((signed + b"." + _encoded(signature)).decode())
        return self.given[-1]


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@contextlib.contextmanager
def token_server(authority: Authority, users: dict[str, str]) -> Iterator[TokenServer]:
    """A token server on loopback for as long as the block lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        made = TokenServer(f"http://127.0.0.1:{server.server_port}/token", authority, users)
        server.state = made  # type: ignore[attr-defined]
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        self._answer(
            user, parse_qs(urlsplit(self.path).query), good=not user or self._state.users.get(user) == password
        )

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = bool(self._state.refresh) and form["refresh_token"] == [self._state.refresh]
        self._answer(next(iter(self._state.users)), form, good=good)

    @property
    def _state(self) -> TokenServer:
        return self.server.state  # type: ignore[attr-defined, no-any-return]

    def _answer(self, user: str, query: dict[str, list[str]], *, good: bool) -> None:
        state = self._state
        state.asked.append(Asked(self.command, user, query, dict(self.headers)))
        if state.instead:
            state.instead(self)
            return
        scopes = [one for scope in query.get("scope", []) for one in scope.split()]
        document = (
            {"token": state.token(user, scopes), "expires_in": state.life} if good else {"errors": [{"code": "DENIED"}]}
        )
        if good and state.refresh and query.get("offline_token"):
            document["refresh_token"] = state.refresh
        body = json.dumps(document).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
