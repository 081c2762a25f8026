"""Names that several packages offer, as update-alternatives(1) links them; their scripts are read, not run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

from lissom.distroless.paths import merged
from lissom.distroless.tree.draft import link
from lissom.distroless.tree.shell_script import commands
from lissom.rootfs.entry import Entry

__all__ = ["Alternative", "links", "offered"]

_TOOL = "update-alternatives"


@dataclass(frozen=True)
class Alternative:
    """``link`` by ``name`` to ``path``, and names that follow it; the highest priority has it."""

    link: str
    name: str
    path: str
    priority: int
    slaves: tuple[tuple[str, str, str], ...] = ()


def offered(script: str) -> tuple[list[Alternative], bool]:
    """What a postinst script installs, as far as it says so in plain words or loops over them; whether that is all."""
    found, whole = list[Alternative](), True
    for words in commands(script) if _TOOL in script else ():
        if words[0] == _TOOL and "--install" in words:
            one = _read([word for word in takewhile(lambda word: word is not None, words) if word is not None])
            found += [one] if one is not None else []
            whole = whole and one is not None and None not in words
    return found, whole


def links(alternatives: Iterable[Alternative], leads: Callable[[str], bool]) -> list[Entry]:
    """The links of the best of each name whose path ``leads`` to something; of equal ones the first."""
    best: dict[str, Alternative] = {}
    for one in alternatives:
        if leads(one.path) and (one.name not in best or best[one.name].priority < one.priority):
            best[one.name] = one
    triples = ((one.link, one.name, one.path) for one in best.values())
    slaves = (slave for one in best.values() for slave in one.slaves if leads(slave[2]))
    return [entry for triple in (*triples, *slaves) for entry in _pair(*triple)]


def _pair(place: str, name: str, path: str) -> tuple[Entry, Entry]:
    return link(merged(place.strip("/")), f"/etc/alternatives/{name}"), link(f"etc/alternatives/{name}", path)


def _read(words: list[str]) -> Alternative | None:
    """``--install LINK NAME PATH PRIORITY`` and slaves; None where that is not what is meant."""
    words = words[words.index("--install") + 1 :] if "--install" in words else []
    if len(words) < 4 or not re.fullmatch(r"-?\d{1,9}", words[3]):
        return None
    rest = words[4:]
    slaves = tuple((rest[n + 1], rest[n + 2], rest[n + 3]) for n in range(0, len(rest) - 3, 4) if rest[n] == "--slave")
    found = Alternative(words[0], words[1], words[2], int(words[3]), slaves)
    every = ((found.link, found.name, found.path), *slaves)
    clean = all(_is_clean(place) and _is_clean(f"/{name}", 2) and _is_clean(path) for place, name, path in every)
    return found if clean else None


def _is_clean(path: str, most: int = 50) -> bool:
    first, *parts = path.split("/")
    return not first and 0 < len(parts) < most and not {"", ".", ".."} & set(parts)
