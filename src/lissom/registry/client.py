"""One repository of a registry as a place for images: what Store and archives are, over HTTP.

Follows the distribution specification 1.1.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, cast

from lissom.errors import RegistryError
from lissom.events import Listener, silent
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.oci.reference import Reference
from lissom.oci.referrers import referrer_of
from lissom.registry.pages import pages
from lissom.registry.reading.checked import Checked
from lissom.registry.reading.download import Fetching
from lissom.registry.reading.manifests import ACCEPT, DOCUMENTS, Manifests
from lissom.registry.reading.sources import Sources
from lissom.registry.referrers import Referrers
from lissom.registry.removal import Removal
from lissom.registry.sending.outgoing import OpenAt
from lissom.registry.sending.writing import Sent, Writing
from lissom.registry.session import Session
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import discard

__all__ = ["Registry"]


class Registry:
    """The repository of one reference; implements Images. Threads may share it.

    A manifest is asked for once: what ``get_manifest`` brought, ``open`` gives again without a request. ``at_origin``
    asks no mirror: what is about to be changed must be seen as it is.
    """

    def __init__(
        self, reference: Reference, session: Session, *, at_origin: bool = False, listener: Listener = silent
    ) -> None:
        self.name = reference.name
        self._session = session
        route = session.route(reference)
        if at_origin:
            route = replace(route, endpoints=(route.origin,))
        self._endpoint = route.origin
        self.repository = route.origin.repository
        self._host = session.host(self._endpoint)
        self._sources = Sources(session, route, listener)
        self._manifests = Manifests(self._sources, self.tags)
        self._writing = Writing(self._host, self._endpoint, listener)
        self._referrers = Referrers(self._sources, self._host, self._endpoint, self._writing)
        self._removal = Removal(self._host, self._endpoint)

    def resolve(self, reference: Reference) -> Descriptor:
        """What a reference names now, without its content (a HEAD request where the registry answers one)."""
        return self._manifests.resolve(self._own(reference))

    def get_manifest(self, reference: Reference) -> Descriptor:
        """Fetch a manifest or index. Raises RegistryError when there is none, IntegrityError for a wrong digest."""
        return self._manifests.get(self._own(reference))

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        """Store a manifest or index by its digest, or under the reference's tag; it refers to its subject from then on.

        A registry that says nothing of the subject keeps no list of referrers: then the list under the tag is ours.
        """
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        told = self._writing.put_manifest(raw, media_type, (reference and reference.tag) or descriptor.digest)
        found = None if "OCI-Subject" in told else referrer_of(raw, media_type)
        if found:
            subject, referrer = found
            self._referrers.add(subject.digest, referrer)
        self._manifests.keep(descriptor.digest, raw)
        return descriptor

    def referrers(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests whose subject has this digest, of one artifact type or of all; [] also for an unknown digest.

        Raises RegistryError.
        """
        return self._referrers.find(digest, artifact_type)

    def has_tag(self, tag: str) -> bool:
        """Whether a tag is there; one request, where asking for its manifest would look for names like it."""
        return self._found(f"/manifests/{tag}", by_tag=True)

    def remove_tag(self, tag: str) -> bool:
        """Remove a tag and leave its manifest; False for a registry that removes by digest only."""
        return self._removal.tag(tag)

    def remove(self, descriptor: Descriptor) -> None:
        """Remove a manifest with all its tags; it refers to nothing from then on. Raises RegistryError."""
        found = referrer_of(self._manifests.read(descriptor), descriptor.media_type)
        self._removal.manifest(descriptor.digest)
        if found:
            self._referrers.drop(found[0].digest, descriptor.digest)

    def has(self, digest: Digest) -> bool:
        """Whether the repository, or a mirror of it, has a blob or manifest."""
        return digest in self._manifests or any(self._found(f"/{kind}/{digest}") for kind in ("blobs", "manifests"))

    def has_blob(self, digest: Digest) -> bool:
        """Whether the registry itself has a blob; one request."""
        return self._writing.has_blob(digest)

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """A blob or manifest as a stream that is verified at its end and that survives cut connections."""
        if descriptor.digest in self._manifests or descriptor.media_type in DOCUMENTS:
            return io.BytesIO(self._manifests.read(descriptor))
        return cast(BinaryIO, Checked(self.fetch(descriptor), descriptor))

    def fetch(self, descriptor: Descriptor, *, start: int = 0) -> Fetching:
        """Bytes ``start`` to the end of a blob, as they come: nobody has verified them."""
        fetching = Fetching(descriptor, self._sources, start=start)
        self._host.note(descriptor.digest, self.repository)
        return fetching

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        """Upload a blob unless it is there. A stream that can seek is sent again after a cut."""
        if descriptor.media_type in DOCUMENTS:
            self.put_manifest(stream.read(), descriptor.media_type, None)
            return
        start = stream.tell() if stream.seekable() else None

        def rewound(offset: int) -> BinaryIO:
            if start is not None:
                stream.seek(start + offset)
            return cast(BinaryIO, _Open(stream))

        self._writing.put_blob(descriptor, rewound, tries=1 if start is None else None)

    def upload(self, descriptor: Descriptor, open_at: OpenAt, *, stopped: Callable[[], bool] = lambda: False) -> Sent:
        """Get a blob into the repository: not at all when it is there, mounted from one known to hold it, or sent.

        Once ``stopped`` is true there are no more tries.
        """
        return self._writing.put_blob(descriptor, open_at, stopped=stopped)

    def abandon(self) -> None:
        """Wait for no answer any longer, for work that is stopped."""
        self._host.transport.abandon()

    def shares_host(self, other: Registry) -> bool:
        """Whether both are repositories of one registry, so that blobs need not travel between them."""
        return self._host is other._host

    def known_in(self, digest: Digest, repository: str) -> None:
        """Say that another repository of this registry holds a blob, so that an upload may mount it."""
        self._host.note(digest, repository)

    def tags(self) -> list[str]:
        """All tags of the repository, as the registry orders them."""
        first = self._sources.ask("GET", "/tags/list?n=1000", by_tag=True)
        if first.response.status != 200:
            raise first.failure("GET")
        found: list[str] = []
        for raw in pages(first):
            try:
                found += [str(tag) for tag in json.loads(raw).get("tags") or []]
            except (ValueError, AttributeError, TypeError, RecursionError) as error:
                raise RegistryError(f"cannot GET `{shown(first.url)}`: the answer is not a list of tags") from error
        return found

    def _found(self, path: str, *, by_tag: bool = False) -> bool:
        answer = self._sources.ask("HEAD", path, ACCEPT if "/manifests/" in path else {}, by_tag=by_tag)
        discard(answer.response)
        if answer.response.status in (200, 404):
            return answer.response.status == 200
        raise answer.failure("HEAD")

    def _own(self, reference: Reference) -> Reference:
        if reference.name != self.name:
            raise ValueError(f"internal error: {reference} is not in {self.name}")
        return reference


class _Open(io.RawIOBase):
    """A stream that outlives ``close``: it belongs to the caller of ``put``."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)
