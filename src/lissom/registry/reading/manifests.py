"""Manifests and indexes of one repository, each asked for once."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from urllib.parse import quote

from lissom.errors import IntegrityError, RegistryError
from lissom.events import Decision
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, MANIFEST_TYPES, Descriptor, media_type_of
from lissom.oci.reference import Reference
from lissom.registry.endpoint import Endpoint
from lissom.registry.reading.answer import Answer
from lissom.registry.reading.sources import Sources
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import discard, read_document

__all__ = ["ACCEPT", "DOCUMENTS", "Manifests"]

DOCUMENTS = MANIFEST_TYPES + INDEX_TYPES
ACCEPT = {"Accept": ", ".join(DOCUMENTS)}
_LIMIT = 16 << 20


class Manifests:
    """Reads documents from ``sources`` and keeps them. Threads may share it; ``tags`` lists the repository's tags."""

    def __init__(self, sources: Sources, tags: Callable[[], list[str]]) -> None:
        self._sources = sources
        self._tags = tags
        self._kept: dict[Digest, bytes] = {}

    def __contains__(self, digest: object) -> bool:
        return digest in self._kept

    def keep(self, digest: Digest, raw: bytes) -> None:
        """Remember a document that need not be asked for."""
        self._kept[digest] = raw

    def resolve(self, reference: Reference) -> Descriptor:
        """What a reference names now, without its content (a HEAD request where the registry answers one)."""
        answer = self._sources.ask("HEAD", _path(reference), ACCEPT, by_tag=not reference.digest)
        headers = answer.response.headers
        digest, length = headers.get("Docker-Content-Digest"), headers.get("Content-Length", "")
        kind = headers.get("Content-Type", "").partition(";")[0].strip()
        discard(answer.response)
        if answer.response.status == 200 and digest and length.isdecimal() and kind in DOCUMENTS:
            with suppress(IntegrityError):  # the whole of it will tell
                return Descriptor(kind, _same(reference, Digest(digest), answer.url), int(length))
        return self.get(reference)

    def get(self, reference: Reference) -> Descriptor:
        """Fetch what a reference names. Raises RegistryError when there is none, IntegrityError for a wrong digest.

        A mirror that gives something else than the digest asked for, or than it says itself, is not asked again.
        """
        by_tag, avoid = not reference.digest, set[Endpoint]()
        for attempt in count(1):
            answer = self._sources.ask("GET", _path(reference), ACCEPT, by_tag=by_tag, avoid=avoid)
            if answer.response.status != 200:
                raise self._absent(answer, reference)
            try:
                return self._checked(answer, reference)
            except (IntegrityError, RegistryError) as error:
                self._or_else(error, answer, avoid, attempt, by_tag=by_tag)
        raise AssertionError("internal error: the loop returns")

    def read(self, descriptor: Descriptor) -> bytes:
        """The bytes of a document that a descriptor names. Raises RegistryError, IntegrityError."""
        raw = self._kept.get(descriptor.digest)
        avoid, attempts = set[Endpoint](), count(1)
        while raw is None:
            answer = self._sources.ask("GET", f"/manifests/{descriptor.digest}", ACCEPT, avoid=avoid)
            if answer.response.status != 200:
                raise answer.failure("GET")
            try:
                raw = read_document(answer.response, answer.url, max(descriptor.size, _LIMIT))
                _verify(raw, descriptor.digest, answer.url)
            except (IntegrityError, RegistryError) as error:
                raw = None
                self._or_else(error, answer, avoid, next(attempts))
            else:
                self._kept[descriptor.digest] = raw
        if len(raw) != descriptor.size:
            raise IntegrityError(f"cannot pull `{descriptor.digest}`: it has {len(raw)} bytes, not {descriptor.size}")
        return raw

    def _checked(self, answer: Answer, reference: Reference) -> Descriptor:
        kind = answer.response.headers.get("Content-Type", "").partition(";")[0].strip()
        stated = answer.response.headers.get("Docker-Content-Digest")
        raw = read_document(answer.response, answer.url, _LIMIT)
        descriptor = _described(raw, kind, answer.url)
        if stated and stated.startswith("sha256:") and stated != descriptor.digest:
            raise IntegrityError(
                f"cannot pull `{reference}` from `{shown(answer.url)}`: "
                f"its digest is {descriptor.digest}, the registry says {stated[:80]}"
            )
        if reference.digest and reference.digest.algorithm != "sha256":
            _verify(raw, reference.digest, answer.url)
        else:
            _same(reference, descriptor.digest, answer.url)
        self._kept[descriptor.digest] = raw
        if answer.endpoint.mirror:
            self._sources.listener(
                Decision(reference.familiar, f"what it names is said by mirror `{answer.endpoint.host}`")
            )
        return descriptor

    def _or_else(
        self,
        error: IntegrityError | RegistryError,
        answer: Answer,
        avoid: set[Endpoint],
        attempt: int,
        *,
        by_tag: bool = False,
    ) -> None:
        """Let the next place be asked, or the last one again for what a moment may heal; raises ``error`` else."""
        avoid.add(answer.endpoint)
        if self._sources.distrust(answer.endpoint, avoid, by_tag=by_tag):
            return
        network = self._sources.session.network
        if not isinstance(error, RegistryError) or not error.temporary or attempt >= network.attempts:
            raise error
        avoid.remove(answer.endpoint)
        network.sleep(network.back_off(attempt))

    def _absent(self, answer: Answer, reference: Reference) -> RegistryError:
        error = answer.failure("GET")
        if answer.response.status != 404 or not reference.tag or reference.digest:
            return error
        try:
            near = difflib.get_close_matches(reference.tag, self._tags(), n=3, cutoff=0.5)
        except RegistryError:
            return error
        names = ", ".join(f"`{reference.with_tag(tag).familiar}`" for tag in near)
        return RegistryError(error.message, hint=f"did you mean {names}?" if near else error.hint)


def _described(raw: bytes, kind: str, url: str) -> Descriptor:
    if not raw:
        raise RegistryError(f"cannot GET `{shown(url)}`: the connection was cut in the answer", temporary=True)
    if "html" in kind or not raw.lstrip().startswith(b"{"):
        what = "an HTML page" if "html" in kind or raw.lstrip().startswith(b"<") else "not JSON"
        raise RegistryError(f"cannot GET `{shown(url)}`: the answer is {what}, not a manifest")
    try:
        media_type = media_type_of(raw)
    except IntegrityError as error:
        raise IntegrityError(f"{error.message} (from `{shown(url)}`)", hint=error.hint) from error
    fields = json.loads(raw)
    if "manifests" in fields and "layers" in fields:
        raise IntegrityError(f"cannot read manifest: it is an index and an image at once (from `{shown(url)}`)")
    return Descriptor(media_type, Digest.of(raw), len(raw))


def _verify(raw: bytes, digest: Digest, url: str) -> None:
    hasher = digest.hasher()
    hasher.update(raw)
    found = f"{digest.algorithm}:{hasher.hexdigest()}"
    if found != digest:
        raise IntegrityError(f"cannot pull `{digest}` from `{shown(url)}`: its digest is {found}")


def _same(reference: Reference, digest: Digest, url: str) -> Digest:
    if reference.digest and reference.digest.algorithm == digest.algorithm and reference.digest != digest:
        raise IntegrityError(f"cannot pull `{reference}` from `{shown(url)}`: its digest is {digest}")
    return digest


def _path(reference: Reference) -> str:
    return f"/manifests/{quote(reference.digest or reference.tag or 'latest', safe=':')}"
