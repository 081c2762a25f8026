"""Why paths of an image are there, or that they are not, by the account that its maker left in the store."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lissom.api.opened import opened
from lissom.api.owned import owned
from lissom.api.world import World
from lissom.distroless.evidence.provenance import LeftOut, Present, Provenance
from lissom.distroless.evidence.provenance_json import find_provenance
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.slim.account import Account, Kept, Removed
from lissom.slim.account_json import find_account
from lissom.verify.container import chain_of

__all__ = ["Answer", "Row", "Told", "why"]

Told: TypeAlias = Account | Provenance
Row: TypeAlias = Kept | Removed | Present | LeftOut

_WILD = frozenset("*?[")


@dataclass(frozen=True)
class Answer:
    """What the account knows of what was asked: one path (``exact``), or all that a glob or a directory holds.

    ``rows`` are of the account's kind: of a slim what stays and what went, else what is there and what was left out.
    """

    told: Told
    asked: str
    exact: Row | None = None
    rows: tuple[Row, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the path is or was to be had."""
        return self.exact is not None or bool(self.rows)


def why(world: World, text: str, asked: str, *, platform: Platform | None = None) -> Answer:
    """Ask the account of the image ``text`` for a path, a directory or a glob.

    ``*`` matches within one name, ``**`` any number of directories; a path may lead through links of the image.
    An image that was not made here is asked for its own records of packages. Raises StoreError where there are none.
    """
    with opened(world, text, platform) as image:
        told = find_account(world.store, image.digest) or find_provenance(world.store, image.digest)
        told = told or owned(world, image, text)
        if told is None:
            raise StoreError(
                f"cannot tell why files of `{text}` are there: the store has no account of it, and it no packages",
                hint=f"`lissom slim` leaves an account of each image that it makes: `lissom slim {text}`",
            )
        wanted = asked.strip("/")
        if _WILD & set(wanted):
            names = wanted.split("/")
            return Answer(told, wanted, None, tuple(row for row in _rows(told) if _matches(row.path.split("/"), names)))
        answer = _of(told, wanted)
        return answer if answer.known else _of(told, _resolved(world, image, wanted))


def _rows(told: Told) -> Iterable[Row]:
    return (*told.kept, *told.removed) if isinstance(told, Account) else (*told.present, *told.left_out)


def _of(told: Told, path: str) -> Answer:
    exact = _exact(told, path)
    if exact is not None and exact.kind != "directory":
        return Answer(told, path, exact)
    return Answer(told, path, exact, tuple(told.below(path)))


def _exact(told: Told, path: str) -> Row | None:
    if isinstance(told, Account):
        return told.kept_paths.get(path) or told.removed_paths.get(path)
    return told.present_paths.get(path) or told.left_out_paths.get(path)


def _matches(path: list[str], names: list[str]) -> bool:
    """Whether the parts of a path fit those of a glob; what fits a directory's glob is not what is in it."""
    # All positions of the glob that the parts so far may have led to: no order of ** makes this slow.
    places = {0}
    for part in path:
        places = {after for place in _spread(places, names) for after in _step(place, part, names)}
    return len(names) in _spread(places, names)


def _spread(places: set[int], names: list[str]) -> set[int]:
    """``places`` with those behind a ``**`` that matches nothing."""
    found = set(places)
    for place in sorted(places):
        while place < len(names) and names[place] == "**":
            place += 1  # noqa: PLW2901 - it walks on
            found.add(place)
    return found


def _step(place: int, part: str, names: list[str]) -> Iterator[int]:
    if place == len(names):
        return
    if names[place] == "**":
        yield place
    elif fnmatch.fnmatchcase(part, names[place]):
        yield place + 1


def _resolved(world: World, image: Image, path: str) -> str:
    try:
        return world.snapshots.tree(chain_of(image, world.snapshots)).resolve(path)
    except IntegrityError:
        return path
