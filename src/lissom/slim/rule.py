"""A rule: one named reason for which files stay though nobody was seen using them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lissom.slim.keep import Keep, Keeps
    from lissom.slim.scene import Scene

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """``name`` is what a report shows, ``says`` one sentence for those who ask what it means.

    ``follow`` is asked once for each file that stays (never for a directory) what it needs; ``family`` once for each
    time that nothing more follows, what belongs to what stays, until nothing more comes. Both give paths as ``Keep``;
    those that the tree lacks are passed over. ``strict`` rules hold at the level ``strict`` too: without what they
    keep, what was seen used would not run.
    """

    name: str
    says: str
    follow: Callable[[Scene, Keep], Iterable[Keep]] | None = None
    family: Callable[[Scene, Keeps], Iterable[Keep]] | None = None
    strict: bool = False
