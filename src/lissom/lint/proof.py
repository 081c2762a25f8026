"""What building proves of fixes."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.lint.fix import Equivalence
from lissom.lint.fixed import Draft, Left, Made
from lissom.lint.rule import Finding
from lissom.verify.compare import Verdict

__all__ = ["Proof", "Proven", "Saving", "Weight"]


@dataclass(frozen=True, slots=True)
class Weight:
    """An image: bytes of its layers' files, and of its layers as they are stored."""

    digest: str
    size: int
    compressed: int


@dataclass(frozen=True, slots=True)
class Saving:
    """Bytes that the fixes numbered ``first`` to ``last`` (from 1) save together; fewer than none when they cost."""

    first: int
    last: int
    size: int


@dataclass(frozen=True, slots=True)
class Proven:
    """A fix that is kept. ``line`` is its cause's in the original; ``level`` by what it is proven, None: it is not."""

    made: Made
    line: int
    level: Equivalence | None


@dataclass(frozen=True)
class Proof:
    """What was proven of a Dockerfile.

    ``gone`` are paths that the fixes were meant to remove and removed; ``noise`` those that differ as they do between
    two builds of the original, None when nobody had to learn that. ``verdict`` is of the app's probes, None: there are
    none. ``builds`` were made in ``seconds``, probes included.
    """

    original: Draft
    draft: Draft
    kept: tuple[Proven, ...]
    dropped: tuple[Left, ...]
    left: tuple[Left, ...]
    found: tuple[Finding, ...]
    before: Weight
    after: Weight
    gone: tuple[str, ...]
    noise: tuple[str, ...] | None
    verdict: Verdict | None
    savings: tuple[Saving, ...] = ()
    builds: int = 0
    seconds: float = 0
