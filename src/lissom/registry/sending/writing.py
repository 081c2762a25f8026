"""What is written to a repository: blobs, mounted or sent, and manifests. Always at its origin, never at a mirror."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from urllib.parse import urlencode

from lissom.errors import IntegrityError, RegistryError
from lissom.events import Listener
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.registry.endpoint import Endpoint
from lissom.registry.logins.challenge import scope_of
from lissom.registry.sending.outgoing import OpenAt, Outgoing
from lissom.registry.sending.upload import Upload
from lissom.registry.sending.upload_slot import RefusedError, Slot
from lissom.registry.session import Host
from lissom.registry.wire.transport import discard

__all__ = ["Sent", "Writing"]


class Sent(Enum):
    """How a blob came to be in a repository."""

    PRESENT = "present"
    MOUNTED = "mounted"
    MOVED = "moved"


class Writing:
    """The writing half of a repository. Threads may share it."""

    def __init__(self, host: Host, endpoint: Endpoint, listener: Listener) -> None:
        self._host = host
        self._endpoint = endpoint
        self._listener = listener
        self._scopes = frozenset({scope_of(endpoint.repository, "pull,push")})

    @property
    def _login(self) -> str:
        return self._host.hint(self._endpoint.repository)

    def has_blob(self, digest: Digest) -> bool:
        """Whether the origin has a blob: what a mirror has of it is of no help to a manifest that is put here."""
        path = self._endpoint.path_of(f"/blobs/{digest}")
        response = self._host.request("HEAD", path, scopes=self._scopes)
        if response.status not in (200, 404):
            raise RefusedError.by(response, "HEAD", self._host.base() + path, self._login)
        discard(response)
        return response.status == 200

    def put_blob(
        self,
        descriptor: Descriptor,
        open_at: OpenAt,
        *,
        tries: int | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Sent:
        """See to it that the repository has a blob, by the cheapest way; ``open_at`` is called when it must be sent.

        Raises RegistryError, IntegrityError for wrong bytes, or what reading raises.
        """
        how = Sent.PRESENT
        if not self.has_blob(descriptor.digest):
            slot = self._mount(descriptor)
            how = Sent.MOUNTED if slot is True else Sent.MOVED
            if slot is not True:
                network = self._host.transport.network
                upload = Upload(
                    Outgoing(descriptor, open_at, self._listener),
                    self._begin,
                    lambda: self.has_blob(descriptor.digest),
                    network,
                    tries=tries or network.attempts,
                    stopped=stopped,
                )
                upload.run(slot or None)
        self._host.note(descriptor.digest, self._endpoint.repository)
        return how

    def put_manifest(self, raw: bytes, media_type: str, name: str) -> Mapping[str, str]:
        """Store a manifest under a tag or digest; gives the headers of the answer."""
        path = self._endpoint.path_of(f"/manifests/{name}")
        headers = {"Content-Type": media_type}
        response = self._host.request("PUT", path, scopes=self._scopes, headers=headers, body=raw)
        if response.status not in (200, 201, 202):
            raise RefusedError.by(response, "PUT", self._host.base() + path, self._login)
        discard(response)
        stored = response.headers.get("Docker-Content-Digest", "")
        if stored.startswith("sha256:") and stored != Digest.of(raw):
            raise IntegrityError(
                f"cannot push `{name}` to `{self._endpoint.registry}/{self._endpoint.repository}`: "
                f"the registry says that it stored {stored[:80]}, not {Digest.of(raw)}"
            )
        return response.headers

    def _mount(self, descriptor: Descriptor) -> Slot | bool:
        """Whether the registry took the blob over from another of its repositories, or the upload it began instead.

        Not being let to read there, a token server that grants one repository only, a registry that knows no mounts:
        all of that refuses the mount, and not the blob.
        """
        source = self._host.holder(descriptor.digest, other_than=self._endpoint.repository)
        if source is None:
            return False
        query = urlencode({"mount": descriptor.digest, "from": source})
        path = self._endpoint.path_of(f"/blobs/uploads/?{query}")
        scopes = self._scopes | {scope_of(source, "pull")}
        try:
            response = self._host.request("POST", path, scopes=scopes)
        except RegistryError as error:
            if error.temporary:
                raise
            return False
        if response.status == 201:
            discard(response)
            return True
        if response.status == 202:
            return Slot(self._host, self._login, self._scopes, response, self._host.base() + path)
        discard(response)
        return False

    def _begin(self) -> Slot:
        path = self._endpoint.path_of("/blobs/uploads/")
        asked = self._host.base() + path
        response = self._host.request("POST", path, scopes=self._scopes, headers={"Content-Length": "0"})
        if response.status != 202:
            raise RefusedError.by(response, "POST", asked, self._login)
        return Slot(self._host, self._login, self._scopes, response, asked)
