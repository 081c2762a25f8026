"""One repository of a registry as a place for images: what Store and archives are, over HTTP.

Follows the distribution specification 1.1.
"""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import BinaryIO, cast
from urllib.parse import quote, urljoin

from lissom.errors import IntegrityError, RegistryError
from lissom.events import Listener, silent
from lissom.oci.digest import Digest
from lissom.oci.document import INDEX_TYPES, MANIFEST_TYPES, Descriptor, media_type_of
from lissom.oci.reference import Reference
from lissom.registry.download import BlobReader
from lissom.registry.network import shown
from lissom.registry.session import Session
from lissom.registry.transport import Response, discard, failure, read_document
from lissom.registry.upload import Upload

__all__ = ["Registry"]

_DOCUMENTS = MANIFEST_TYPES + INDEX_TYPES
_ACCEPT = ", ".join(_DOCUMENTS)
_MANIFEST_LIMIT = 16 << 20
_TAGS_LIMIT = 16 << 20
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


class Registry:
    """The repository of one reference; implements Images. Threads may share it.

    A manifest is asked for once: what ``get_manifest`` brought, ``open`` gives again without a request.
    """

    def __init__(self, reference: Reference, session: Session, *, listener: Listener = silent) -> None:
        self.name = reference.name
        self.repository = reference.repository
        self._session = session
        self._route = session.route(reference)
        self._endpoint = self._route.origin
        self._host = session.host(self._endpoint)
        self._listener = listener
        self._documents: dict[Digest, bytes] = {}
        self._upload = Upload(self._host, self.repository, listener)

    def resolve(self, reference: Reference) -> Descriptor:
        """What a reference names now, without its content (a HEAD request where the registry answers one)."""
        path = self._manifest_path(reference)
        response = self._get("HEAD", path, {"Accept": _ACCEPT})
        digest, length = response.headers.get("Docker-Content-Digest"), response.headers.get("Content-Length", "")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        discard(response)
        if response.status == 200 and digest and length.isdigit() and kind in _DOCUMENTS:
            return Descriptor(kind, _same(reference, Digest(digest), self._url(path)), int(length))
        return self.get_manifest(reference)

    def get_manifest(self, reference: Reference) -> Descriptor:
        """Fetch a manifest or index. Raises RegistryError when there is none, IntegrityError for a wrong digest."""
        path = self._manifest_path(reference)
        response = self._get("GET", path, {"Accept": _ACCEPT})
        if response.status != 200:
            raise self._absent(response, reference)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        stated = response.headers.get("Docker-Content-Digest")
        raw = read_document(response, self._url(path), _MANIFEST_LIMIT)
        descriptor = self._keep(raw, kind, path)
        if stated and stated.startswith("sha256:") and stated != descriptor.digest:
            raise IntegrityError(
                f"cannot pull `{reference}` from `{shown(self._url(path))}`: "
                f"its digest is {descriptor.digest}, the registry says {stated[:80]}"
            )
        if reference.digest and reference.digest.algorithm == "sha256":
            _same(reference, descriptor.digest, self._url(path))
        return descriptor

    def put_manifest(self, raw: bytes, media_type: str, reference: Reference | None) -> Descriptor:
        """Store a manifest or index by its digest, or under the reference's tag."""
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        path = f"/v2/{self.repository}/manifests/{(reference and reference.tag) or descriptor.digest}"
        headers = {"Content-Type": media_type}
        response = self._host.request("PUT", path, scopes=self._scopes("pull,push"), headers=headers, body=raw)
        if response.status not in (201, 202, 200):
            raise failure(response, "PUT", self._url(path), hint=self._login_hint(response))
        discard(response)
        self._documents[descriptor.digest] = raw
        return descriptor

    def has(self, digest: Digest) -> bool:
        """Whether the repository has a blob or manifest."""
        if digest in self._documents or self._exists(f"/v2/{self.repository}/blobs/{digest}"):
            return True
        return self._exists(f"/v2/{self.repository}/manifests/{digest}")

    def has_blob(self, digest: Digest) -> bool:
        """Whether the repository has a blob; one request."""
        return self._exists(f"/v2/{self.repository}/blobs/{digest}")

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """A blob or manifest as a stream that is verified at its end and that survives cut connections."""
        if descriptor.digest in self._documents or descriptor.media_type in _DOCUMENTS:
            return io.BytesIO(self._document(descriptor))
        path = f"/v2/{self.repository}/blobs/{descriptor.digest}"

        def fetch(headers: Mapping[str, str]) -> tuple[Response, str]:
            response = self._get("GET", path, headers)
            if response.status not in (200, 206):
                raise failure(response, "GET", self._url(path), hint=self._login_hint(response))
            return response, self._url(path)

        reader = BlobReader(descriptor, fetch, self._session.network, self._listener)
        self._host.note(descriptor.digest, self.repository)
        return cast(BinaryIO, reader)

    def put(self, descriptor: Descriptor, stream: BinaryIO) -> None:
        """Upload a blob unless it is there. A stream that can seek is sent again after a cut."""
        if descriptor.media_type in _DOCUMENTS:
            self.put_manifest(stream.read(), descriptor.media_type, None)
            return
        if not stream.seekable():
            self.upload(descriptor, lambda: stream, tries=1)
            return
        start = stream.tell()

        def rewound() -> BinaryIO:
            stream.seek(start)
            return cast(BinaryIO, _Open(stream))

        self.upload(descriptor, rewound)

    def upload(self, descriptor: Descriptor, open_blob: Callable[[], BinaryIO], *, tries: int | None = None) -> bool:
        """Upload a blob, False when it is there; each try opens it anew. Mounted from a repository known to hold it."""
        if self.has_blob(descriptor.digest):
            self._host.note(descriptor.digest, self.repository)
            return False
        self._upload.put(descriptor, open_blob, tries=tries or self._session.network.attempts)
        return True

    def shares_host(self, other: Registry) -> bool:
        """Whether both are repositories of one registry, so that blobs need not travel between them."""
        return self._host is other._host

    def known_in(self, digest: Digest, repository: str) -> None:
        """Say that another repository of this registry holds a blob, so that an upload may mount it."""
        self._host.note(digest, repository)

    def tags(self) -> list[str]:
        """All tags of the repository, as the registry orders them."""
        found: list[str] = []
        path: str | None = f"/v2/{self.repository}/tags/list?n=1000"
        seen: set[str] = set()
        while path and path not in seen:
            seen.add(path)
            response = self._get("GET", path, {})
            if response.status != 200:
                raise failure(response, "GET", self._url(path), hint=self._login_hint(response))
            link = _NEXT.search(response.headers.get("Link", ""))
            raw = read_document(response, self._url(path), _TAGS_LIMIT)
            try:
                found += [str(tag) for tag in json.loads(raw).get("tags") or []]
            except (ValueError, AttributeError, TypeError) as error:
                raise RegistryError(
                    f"cannot GET `{shown(self._url(path))}`: the answer is not a list of tags"
                ) from error
            path = urljoin(path, link[1]) if link else None
            if path and "://" in path:
                path = path.removeprefix(self._host.base()) if path.startswith(self._host.base() + "/") else None
        return found

    def _document(self, descriptor: Descriptor) -> bytes:
        raw = self._documents.get(descriptor.digest)
        if raw is None:
            path = f"/v2/{self.repository}/manifests/{descriptor.digest}"
            response = self._get("GET", path, {"Accept": _ACCEPT})
            if response.status != 200:
                raise failure(response, "GET", self._url(path), hint=self._login_hint(response))
            raw = read_document(response, self._url(path), max(descriptor.size, _MANIFEST_LIMIT))
            hasher = descriptor.digest.hasher()
            hasher.update(raw)
            found = f"{descriptor.digest.algorithm}:{hasher.hexdigest()}"
            if found != descriptor.digest:
                raise IntegrityError(
                    f"cannot pull `{descriptor.digest}` from `{self._url(path)}`: its digest is {found}"
                )
            self._documents[descriptor.digest] = raw
        if len(raw) != descriptor.size:
            raise IntegrityError(f"cannot pull `{descriptor.digest}`: it has {len(raw)} bytes, not {descriptor.size}")
        return raw

    def _keep(self, raw: bytes, kind: str, path: str) -> Descriptor:
        if "html" in kind or not raw.lstrip().startswith(b"{"):
            what = "an HTML page" if "html" in kind or raw.lstrip().startswith(b"<") else "not JSON"
            raise RegistryError(f"cannot GET `{shown(self._url(path))}`: the answer is {what}, not a manifest")
        try:
            media_type = media_type_of(raw)
        except IntegrityError as error:
            raise IntegrityError(f"{error.message} (from `{shown(self._url(path))}`)", hint=error.hint) from error
        fields = json.loads(raw)
        if "manifests" in fields and "layers" in fields:
            raise IntegrityError(
                f"cannot read manifest: it is an index and an image at once (from `{self._url(path)}`)"
            )
        descriptor = Descriptor(media_type, Digest.of(raw), len(raw))
        self._documents[descriptor.digest] = raw
        return descriptor

    def _absent(self, response: Response, reference: Reference) -> RegistryError:
        hint = self._login_hint(response)
        path = self._manifest_path(reference)
        error = failure(response, "GET", self._url(path), hint=hint)
        if response.status != 404 or not reference.tag or reference.digest:
            return error
        try:
            near = difflib.get_close_matches(reference.tag, self.tags(), n=3, cutoff=0.5)
        except RegistryError:
            return error
        names = ", ".join(f"`{reference.with_tag(tag).familiar}`" for tag in near)
        return RegistryError(error.message, hint=f"did you mean {names}?" if near else None)

    def _login_hint(self, response: Response) -> str | None:
        if response.status not in (401, 403):
            return None
        return f"log in with `lissom login {self._endpoint.registry}`"

    def _get(self, method: str, path: str, headers: Mapping[str, str]) -> Response:
        return self._host.request(method, path, scopes=self._scopes("pull"), headers=headers)

    def _exists(self, path: str) -> bool:
        response = self._get("HEAD", path, {"Accept": _ACCEPT} if "/manifests/" in path else {})
        discard(response)
        if response.status in (200, 404):
            return response.status == 200
        raise failure(response, "HEAD", self._url(path), hint=self._login_hint(response))

    def _scopes(self, actions: str) -> frozenset[str]:
        return frozenset({f"repository:{self.repository}:{actions}"})

    def _manifest_path(self, reference: Reference) -> str:
        if reference.name != self.name:
            raise ValueError(f"internal error: {reference} is not in {self.name}")
        return f"/v2/{self.repository}/manifests/{quote(reference.digest or reference.tag or 'latest', safe=':')}"

    def _url(self, path: str) -> str:
        return self._host.base() + path


class _Open(io.RawIOBase):
    """A stream that outlives ``close``: it belongs to the caller of ``put``."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)


def _same(reference: Reference, digest: Digest, url: str) -> Digest:
    if reference.digest and reference.digest.algorithm == digest.algorithm and reference.digest != digest:
        raise IntegrityError(f"cannot pull `{reference}` from `{shown(url)}`: its digest is {digest}")
    return digest
