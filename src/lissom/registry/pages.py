"""Lists that a registry gives in pages, each of which names the next one in its Link header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lissom.errors import RegistryError
from lissom.registry.logins.challenge import scope_of
from lissom.registry.reading.answer import Answer
from lissom.registry.wire.network import shown
from lissom.registry.wire.transport import Response, failure, read_document

__all__ = ["pages"]

_NEXT = re.compile(r'<([^>]*)>\s*(?:;[^,;]*)*;\s*rel="?next"?', re.IGNORECASE)
_MOST = 10_000
_LARGEST = 64 << 20


def pages(first: Answer) -> Iterator[bytes]:
    """The body of a good answer, then those of the pages that follow it at the same place.

    A page that names one that was read is the last. Raises RegistryError for pages that have no end, that are longer
    than anybody's list, or that lead to another host.
    """
    response, url, left = first.response, first.url, _LARGEST
    seen = {url}
    while True:
        link = _NEXT.search(response.headers.get("Link", ""))
        raw = read_document(response, url, left)
        left -= len(raw)
        yield raw
        if link is None or (following := urljoin(url, link[1])) in seen:
            return
        if len(seen) == _MOST or left <= 0:
            raise RegistryError(f"cannot GET `{shown(first.url)}`: the list has no end")
        response, url = _turned(first, url, following), following
        seen.add(url)


def _turned(first: Answer, here: str, following: str) -> Response:
    """The next page. Nobody's login goes to where a list leads, so it may lead to the same host only."""
    if not following.startswith(first.host.base() + "/"):
        raise RegistryError(f"cannot GET `{shown(here)}`: its next page, `{shown(following)}`, is on another host")
    scopes = frozenset({scope_of(first.endpoint.repository, "pull")})
    response = first.host.request("GET", following, scopes=scopes)
    if response.status != 200:
        raise failure(response, "GET", following)
    return response
