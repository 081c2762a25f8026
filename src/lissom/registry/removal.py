"""Removing things from a repository: tags where a registry can do that, manifests with all their tags where it may."""

from __future__ import annotations

from lissom.errors import RegistryError
from lissom.oci.digest import Digest
from lissom.registry.endpoint import Endpoint
from lissom.registry.logins.challenge import scope_of
from lissom.registry.sending.upload_slot import RefusedError
from lissom.registry.session import Host
from lissom.registry.wire.transport import Response, discard

__all__ = ["Removal"]

_DONE = frozenset({200, 202, 204})
# A registry that takes digests only calls a tag a bad digest, a thing that it does not do, or a thing it does not know.
_NOT_BY_TAG = frozenset({400, 405, 501})
_NEVER = frozenset({405, 501})


class Removal:
    """Deletes in one repository, at its origin."""

    def __init__(self, host: Host, endpoint: Endpoint) -> None:
        self._host = host
        self._endpoint = endpoint

    @property
    def _login(self) -> str:
        return self._host.hint(self._endpoint.repository)

    def tag(self, tag: str) -> bool:
        """Remove a tag and leave its manifest; False for a registry that removes by digest only.

        Raises RegistryError.
        """
        response, url = self._delete(tag)
        if response.status in _DONE or response.status in _NOT_BY_TAG:
            discard(response)
            return response.status in _DONE
        raise RefusedError.by(response, "DELETE", url, self._login)

    def manifest(self, digest: Digest) -> None:
        """Remove a manifest and with it every tag that names it. Raises RegistryError."""
        response, url = self._delete(digest)
        if response.status in _NEVER:
            discard(response)
            raise RegistryError(
                f"cannot remove `{self._endpoint.repository}@{digest}`: "
                f"`{self._endpoint.registry}` does not let anybody delete",
                hint="docker-registry does with `storage: {delete: {enabled: true}}` in its configuration",
            )
        if response.status not in _DONE:
            raise RefusedError.by(response, "DELETE", url, self._login)
        discard(response)

    def _delete(self, name: str) -> tuple[Response, str]:
        path = self._endpoint.path_of(f"/manifests/{name}")
        scopes = frozenset({scope_of(self._endpoint.repository, "delete,pull")})
        return self._host.request("DELETE", path, scopes=scopes, again=False), self._host.base() + path
