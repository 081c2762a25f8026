"""Lists of mirrors in the place of one: ``mirror+file:/list``, ``mirror://host/list``; see apt-transport-mirror(1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.sources import Source
from lissom.distroless.archive.uri import shown
from lissom.errors import RegistryError

__all__ = ["expanded"]


def expanded(sources: Iterable[Source], fetcher: Fetcher) -> list[Source]:
    """``sources`` with the mirrors that their lists name, best first. Raises RegistryError."""
    found = []
    for source in sources:
        scheme, colon, rest = source.uri.partition(":")
        if scheme != "mirror" and not scheme.startswith("mirror+"):
            found.append(source)
            continue
        place = f"{scheme.removeprefix('mirror').removeprefix('+') or 'http'}{colon}{rest}"
        text = fetcher.find(place)
        uris = _listed(text.decode("utf-8", "replace")) if text else []
        if not uris:
            raise RegistryError(
                f"cannot use `{shown(source.uri)}`: {'there is no such list' if text is None else 'it is empty'}"
            )
        found.append(replace(source, uri=uris[0], mirrors=tuple(uris[1:])))
    return found


def _listed(text: str) -> list[str]:
    """A mirror a line, then words such as ``priority:2``: the lowest is asked first."""
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [words[0].rstrip("/") for words in sorted(lines, key=_priority)]


def _priority(words: list[str]) -> int:
    given = [word.partition(":")[2] for word in words[1:] if word.startswith("priority:")]
    return int(given[0]) if given and given[0].isdecimal() else 1 << 30
