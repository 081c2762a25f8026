"""Log in to a registry and out of it."""

from __future__ import annotations

from lissom.errors import RegistryError
from lissom.registry.auth import Login
from lissom.registry.endpoint import Endpoint
from lissom.registry.network import Network
from lissom.registry.session import Session
from lissom.registry.transport import discard, failure

__all__ = ["check_login"]


class _One:
    """A login that is tried out."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def find(self, host: str) -> Login | None:  # noqa: ARG002 (the protocol's)
        """The login."""
        return self._login


def check_login(network: Network, registry: str, host: str, login: Login) -> None:
    """Ask the registry whether a login is good. Raises RegistryError when it is not."""
    place = Session(network, _One(login)).host(Endpoint(registry, host, ""))
    url = place.base() + "/v2/"
    response = place.request("GET", url, scopes=frozenset())
    if response.status == 200:
        discard(response)
        return
    if response.status in (401, 403):
        discard(response)
        raise RegistryError(
            f"cannot log in to `{registry}`: it refuses the user name or the password",
            hint="many registries want an access token in place of the password",
        )
    raise failure(response, "GET", url, hint=f"is `{registry}` a registry?")
