"""Variables as they are at one instruction. All views of a stage share one history: thousands of them cost little."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping

from lissom.dockerfile.expand import ExpandError, process

__all__ = ["History", "Values", "bounded", "expanded"]

_LONGEST = 1 << 16  # characters


class History:
    """What variables were set to, in order, on top of what the stage below left."""

    def __init__(self, below: Values | None = None) -> None:
        self.below = below
        self.length = 0
        self.changes: dict[str, tuple[list[int], list[str | None]]] = {}

    def set(self, name: str, value: str | None) -> None:
        """Set a variable from now on; None: to something that is not known."""
        self.length += 1
        places, values = self.changes.setdefault(name, ([], []))
        places.append(self.length)
        values.append(value)

    def now(self) -> Values:
        """The variables as they are now."""
        return Values(self, self.length)


class Values(Mapping[str, str | None]):
    """The variables at one moment of a history."""

    def __init__(self, history: History, at: int) -> None:
        self.history = history
        self.at = at

    def __getitem__(self, name: str) -> str | None:
        view: Values | None = self
        while view is not None:
            places, values = view.history.changes.get(name, ([], []))
            count = bisect_right(places, view.at)
            if count:
                return values[count - 1]
            view = view.history.below
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        view: Values | None = self
        while view is not None:
            new = [name for name, (places, _) in view.history.changes.items() if places[0] <= view.at]
            yield from (name for name in new if name not in seen)
            seen.update(new)
            view = view.history.below

    def __len__(self) -> int:
        return sum(1 for _ in self)


def bounded(values: Mapping[str, str | None]) -> Callable[[str], str | None]:
    """Looks up variables for one text. ExpandError where they would make it very long: each may be twice the last."""
    length = 0

    def lookup(name: str) -> str | None:
        nonlocal length
        value = values.get(name)
        length += len(value or "")
        if length > _LONGEST:
            raise ExpandError("the text is too long", 0)
        return value

    return lookup


def expanded(text: str, values: Mapping[str, str | None], escape: str = "\\") -> str | None:
    """The text with its variables replaced; None if one of them is not known."""
    try:
        found = process(text, bounded(values), escape=escape)
    except ExpandError:
        return None
    return None if found.missing else found.text
