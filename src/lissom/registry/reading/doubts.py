"""Who may have given wrong bytes of a blob, and who is left to give right ones."""

from __future__ import annotations

from collections.abc import Iterable

from lissom.registry.endpoint import Endpoint

__all__ = ["Doubts"]


class Doubts:
    """What is held against the ``places`` of one blob. Who gave all of it alone is a liar; of several, any may be."""

    def __init__(self, places: Iterable[Endpoint]) -> None:
        self._places = tuple(places)
        self._liars: set[Endpoint] = set()
        self._suspects: set[Endpoint] = set()
        self.avoid: frozenset[Endpoint] = frozenset()

    def add(self, given: Iterable[Endpoint]) -> bool:
        """Blame those who gave wrong bytes together; False when nobody is left who could give right ones.

        After that the last of them is asked all the same, for want of another. When only suspects are left, each
        gets a chance to give all of it alone.
        """
        wrong = set(given)
        (self._liars if len(wrong) == 1 else self._suspects).update(wrong)
        good = [place for place in self._places if place not in self._liars | self._suspects]
        perhaps = [place for place in self._places if place not in self._liars]
        left = good or perhaps[-1:]
        last = [place for place in self._places if place in wrong or not wrong][-1:]
        self.avoid = frozenset(self._places) - set(left or last)
        return bool(left)
