"""What refers to the documents of one repository: signatures, bills of materials, whatever names them as its subject.

A registry that knows the specification 1.1 keeps the list itself. For one that does not, clients keep it as an index
under a tag made of the digest; nothing guards it against two clients that write at once, so it is read again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import quote

from lissom.errors import IntegrityError, RegistryError
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX, Descriptor, Index, canonical
from lissom.oci.referrers import referrers_tag
from lissom.registry.endpoint import Endpoint
from lissom.registry.logins.challenge import scope_of
from lissom.registry.pages import pages
from lissom.registry.reading.answer import Answer
from lissom.registry.reading.manifests import ACCEPT
from lissom.registry.reading.sources import Sources
from lissom.registry.sending.upload_slot import RefusedError
from lissom.registry.sending.writing import Writing
from lissom.registry.session import Host
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import discard, failure, read_document

__all__ = ["Referrers"]

_LARGEST = 16 << 20
_TRIES = 8
_LONGEST_PAUSE = 2.0
# The specification says 404; these are what registries say in truth to a path that they do not know.
_NO_SUCH_API = frozenset({400, 404, 405, 501})

_Entries = list[dict[str, Any]]


class Referrers:
    """The referrers of one repository: read wherever it can be read, kept at its origin. Threads may share it."""

    def __init__(self, sources: Sources, host: Host, endpoint: Endpoint, writing: Writing) -> None:
        self._sources = sources
        self._host = host
        self._endpoint = endpoint
        self._writing = writing
        self._scopes = frozenset({scope_of(endpoint.repository, "pull,push")})
        self._lock = Lock()
        self._listed = True

    def find(self, digest: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests whose subject has this digest, of one artifact type or of all. Raises RegistryError."""
        found = self._from_api(digest, artifact_type) if self._listed else None
        if found is None:
            # Where there is no list for one digest there is none for the next.
            self._listed = False
            found = self._from_tag(digest)
        unique = {referrer.digest: referrer for referrer in found}
        return tuple(r for r in unique.values() if artifact_type in ("", r.artifact_type))

    def add(self, subject: Digest, referrer: Descriptor) -> None:
        """Put a referrer into the list under the tag, for a registry that did not do so. Raises RegistryError."""

        def change(entries: _Entries) -> _Entries:
            return [*(e for e in entries if e.get("digest") != referrer.digest), referrer.to_json()]

        self._change(subject, change, lambda digests: referrer.digest in digests)

    def drop(self, subject: Digest, referrer: Digest) -> None:
        """Take a referrer that is gone out of the list under the tag, if there it is. Raises RegistryError."""

        def change(entries: _Entries) -> _Entries:
            return [e for e in entries if e.get("digest") != referrer]

        self._change(subject, change, lambda digests: referrer not in digests)

    def _from_api(self, digest: Digest, artifact_type: str) -> list[Descriptor] | None:
        query = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
        answer = self._sources.ask("GET", f"/referrers/{digest}{query}", {"Accept": INDEX}, by_tag=True)
        kind = answer.response.headers.get("Content-Type", "").partition(";")[0].strip()
        if answer.response.status in _NO_SUCH_API or (answer.response.status == 200 and kind == "text/html"):
            discard(answer.response)
            return None
        if answer.response.status != 200:
            raise answer.failure("GET")
        return [found for raw in pages(answer) for found in _read(raw, answer.url)]

    def _from_tag(self, digest: Digest) -> list[Descriptor]:
        path = f"/manifests/{referrers_tag(digest)}"
        answer: Answer = self._sources.ask("GET", path, {"Accept": INDEX}, by_tag=True)
        if answer.response.status == 404:
            discard(answer.response)
            return []
        if answer.response.status != 200:
            raise answer.failure("GET")
        return list(_read(read_document(answer.response, answer.url, _LARGEST), answer.url))

    def _change(
        self, subject: Digest, change: Callable[[_Entries], _Entries], done: Callable[[set[str]], bool]
    ) -> None:
        network = self._host.transport.network
        tag = referrers_tag(subject)
        with self._lock:
            for attempt in range(1, _TRIES + 1):
                start = time.monotonic()
                document = self._current(tag)
                if done(_digests(document)):
                    return
                self._put(tag, {**document, "manifests": change(document["manifests"])})
                # Who read before we wrote overwrites us within about the time that it took ourselves.
                network.sleep(min(2 * (time.monotonic() - start), _LONGEST_PAUSE))
                if done(_digests(self._current(tag))):
                    return
                network.sleep(network.back_off(attempt))
        raise RegistryError(
            f"cannot list a referrer of `{subject}` under `{self._endpoint.repository}:{tag}`: others overwrite it",
            hint="try again when nobody else attaches to this image",
            temporary=True,
        )

    def _put(self, tag: str, document: dict[str, Any]) -> None:
        try:
            self._writing.put_manifest(canonical(document), INDEX, tag)
        except RefusedError as error:
            if error.status != 400:
                raise
            # A registry may take no index of manifests that are gone; who removed them should have told the list.
            there = [entry for entry in document["manifests"] if self._is_there(str(entry.get("digest")))]
            self._writing.put_manifest(canonical({**document, "manifests": there}), INDEX, tag)

    def _is_there(self, digest: str) -> bool:
        path = self._endpoint.path_of(f"/manifests/{digest}")
        response = self._host.request("HEAD", path, scopes=self._scopes, headers=ACCEPT)
        discard(response)
        return response.status != 404

    def _current(self, tag: str) -> dict[str, Any]:
        path = self._endpoint.path_of(f"/manifests/{tag}")
        response = self._host.request("GET", path, scopes=self._scopes, headers={"Accept": INDEX})
        url = self._host.base() + path
        if response.status == 404:
            discard(response)
            return {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
        if response.status != 200:
            raise failure(response, "GET", url)
        raw = read_document(response, url, _LARGEST)
        _read(raw, url)
        document: dict[str, Any] = json.loads(raw)
        return document


def _digests(document: dict[str, Any]) -> set[str]:
    return {str(entry.get("digest")) for entry in document["manifests"]}


def _read(raw: bytes, url: str) -> tuple[Descriptor, ...]:
    try:
        return Index.parse(raw).manifests
    except IntegrityError as error:
        raise RegistryError(f"cannot read referrers from `{shown(url)}`: {error.message}") from error
