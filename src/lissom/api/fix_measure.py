"""What each fix saves: bytes of the image's layers before and after it, by few builds."""

from __future__ import annotations

from collections.abc import Callable

from lissom.lint.proof import Saving

__all__ = ["savings"]


def savings(count: int, size: Callable[[int], int | None], *, builds: int) -> tuple[Saving, ...]:
    """What ``count`` fixes save, made one after another; ``size`` builds the image with the first so many of them.

    A range of fixes whose first and last image weigh the same is not looked into. After ``builds`` further images, or
    where one cannot be built (``size`` gives None), fixes stay together.
    """
    sizes = {0: size(0) or 0, count: size(count) or 0}
    whole, ends = [(0, count)] if count else [], []
    while whole:
        whole.sort(key=lambda span: abs(sizes[span[0]] - sizes[span[1]]))
        low, high = whole.pop()
        if high - low > 1 and sizes[low] != sizes[high] and builds > 0:
            builds -= 1
            middle = (low + high) // 2
            found = size(middle)
            if found is not None:
                sizes[middle] = found
                whole += [(low, middle), (middle, high)]
                continue
        ends.append((low, high))
    return tuple(Saving(low + 1, high, sizes[low] - sizes[high]) for low, high in sorted(ends))
