"""Why paths of a slimmed image stay, or that they went, by the account that its slim left in the store."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from lissom.api.opened import opened
from lissom.api.world import World
from lissom.errors import IntegrityError, StoreError
from lissom.image.image import Image
from lissom.oci.platform import Platform
from lissom.slim.account import Account, Kept, Removed
from lissom.slim.account_json import find_account
from lissom.verify.container import chain_of

__all__ = ["Answer", "why"]

_WILD = frozenset("*?[")


@dataclass(frozen=True)
class Answer:
    """What the account knows of what was asked: one path (``exact``), or all that a glob or a directory holds."""

    account: Account
    asked: str
    exact: Kept | Removed | None = None
    kept: tuple[Kept, ...] = ()
    removed: tuple[Removed, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the path was in one of the two images."""
        return self.exact is not None or bool(self.kept or self.removed)

    @property
    def chain(self) -> tuple[Kept, ...]:
        """Why the one path stays, from itself up to what was there first."""
        return self.account.chain(self.exact.path) if isinstance(self.exact, Kept) else ()


def why(world: World, text: str, asked: str, *, platform: Platform | None = None) -> Answer:
    """Ask the account of the image ``text`` for a path, a directory or a glob.

    ``*`` matches within one name, ``**`` any number of directories; a path may lead through links of the image.
    Raises StoreError when the store has no account of the image.
    """
    with opened(world, text, platform) as image:
        account = find_account(world.store, image.digest)
        if account is None:
            raise StoreError(
                f"cannot tell why files of `{text}` are there: the store has no account of it",
                hint=f"`lissom slim` leaves one for each image that it makes: `lissom slim {text}`",
            )
        wanted = asked.strip("/")
        if _WILD & set(wanted):
            return _matching(account, wanted)
        answer = _of(account, wanted)
        return answer if answer.known else _of(account, _resolved(world, image, wanted))


def _of(account: Account, path: str) -> Answer:
    exact = account.kept_paths.get(path) or account.removed_paths.get(path)
    if exact is not None and exact.kind != "directory":
        return Answer(account, path, exact)
    below = list(account.below(path))
    return Answer(account, path, exact, _stays(below), _went(below))


def _matching(account: Account, pattern: str) -> Answer:
    names = pattern.split("/")
    rows: tuple[Kept | Removed, ...] = (*account.kept, *account.removed)
    found = [row for row in rows if _matches(row.path.split("/"), names)]
    return Answer(account, pattern, None, _stays(found), _went(found))


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


def _stays(rows: list[Kept | Removed]) -> tuple[Kept, ...]:
    return tuple(row for row in rows if isinstance(row, Kept))


def _went(rows: list[Kept | Removed]) -> tuple[Removed, ...]:
    return tuple(row for row in rows if isinstance(row, Removed))


def _resolved(world: World, image: Image, path: str) -> str:
    try:
        return world.snapshots.tree(chain_of(image, world.snapshots)).resolve(path)
    except IntegrityError:
        return path
