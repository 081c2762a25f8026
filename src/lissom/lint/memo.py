"""Results that are looked up by the identity of what they were made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["remembered"]

_MOST = 5_000
P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """A function that works once for the same objects: steps cannot be hashed, and rules ask for the same ones again.

    The objects are held with the result, so that their identities stay theirs; all is forgotten when it is too much.
    """
    known: dict[tuple[int, ...], tuple[object, R]] = {}

    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        key = tuple(id(one) for one in args)
        found = known.get(key)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[key] = (args, function(*args, **kwargs))
        return found[1]

    ask.__doc__ = function.__doc__
    return ask
