"""Log in to a registry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lissom.errors import RegistryError
from lissom.registry.endpoint import Endpoint
from lissom.registry.logins.challenge import parse_challenges
from lissom.registry.logins.login import Login
from lissom.registry.logins.tokens import ask_token
from lissom.registry.session import Host, Session
from lissom.registry.wire.network import Network
from lissom.registry.wire.transport import Response, discard, failure

__all__ = ["Checked", "check_login"]

_HINT = "many registries want an access token in place of the password"


@dataclass(frozen=True, slots=True)
class Checked:
    """A login that a registry took, as it is to be kept; without ``asked`` the registry let us in without any."""

    login: Login
    asked: bool


def check_login(network: Network, registry: str, host: str, login: Login) -> Checked:
    """Ask the registry whether a login is good, and for an identity token. Raises RegistryError when it is not."""
    with Session(network) as session:
        place = session.host(Endpoint(registry, host, ""))
        url = place.base() + "/v2/"
        response = place.transport.request("GET", url)
        asked = response.status == 401
        if asked:
            response, identity = _answer(place, registry, response, url, login)
            login = replace(login, identity_token=identity)
        if response.status == 200:
            discard(response)
            return Checked(login, asked)
        if response.status in (401, 403):
            discard(response)
            cause = "it refuses the user name or the password"
            raise RegistryError(f"cannot log in to `{registry}`: {cause}", hint=_HINT)
        raise failure(response, "GET", url, hint=f"is `{registry}` a registry?")


def _answer(place: Host, registry: str, response: Response, url: str, login: Login) -> tuple[Response, str]:
    """What the registry says once it is told who we are, and the identity token that its token server gave."""
    challenges = parse_challenges(", ".join(response.headers.getlist("WWW-Authenticate")))
    discard(response)
    header, identity = None, ""
    if bearer := next((c for c in challenges if c.scheme == "bearer"), None):
        token = ask_token(place.transport, bearer, url, (), login, hint=_HINT, offline=True)
        header, identity = token.header, token.identity
    elif any(c.scheme == "basic" for c in challenges):
        header = login.basic
    if header is None:
        schemes = ", ".join(c.scheme for c in challenges) or "nothing that it names"
        raise RegistryError(f"cannot log in to `{registry}`: it asks for {schemes}, lissom speaks basic and bearer")
    return place.transport.request("GET", url, headers={"Authorization": header}), identity
