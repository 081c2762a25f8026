"""The rows of the ledger. Sizes are bytes of file content; further names of one file weigh nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Fate", "Ledger", "Share", "Step", "Waste", "WasteKind"]


class Fate(Enum):
    """What became of a file that a layer put in place."""

    LIVE = "live"
    OVERWRITTEN = "overwritten later"
    REWRITTEN = "only its mode, owner or times changed later"
    DELETED = "deleted later"


class WasteKind(Enum):
    """Kinds of waste. A byte is counted under the first kind, in this order, that fits."""

    OVERWRITTEN = "overwritten later"
    REWRITTEN = "stored again for its mode or owner"
    DELETED = "deleted later"
    SECRET = "secret"  # noqa: S105 - a kind of finding
    DUPLICATE = "same content elsewhere"
    PACKAGE_LISTS = "package manager's lists and caches"
    LANGUAGE_CACHE = "language caches"
    VCS = "version control data"
    BUILD_TOOLS = "build tools"
    DEBUG = "debug symbols, static libraries, headers"
    DOCS = "documentation and locales"
    JUNK = "logs and leftovers"
    UNREACHED = "packages that nothing at run time reaches"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the image's history. ``layer`` counts from 0, None for what changes no file; ``lines`` are first and
    last line in ``file`` where they are known; ``base`` tells whether it came with the base image.
    """

    number: int
    created_by: str
    layer: int | None = None
    lines: tuple[int, int] | None = None
    file: str | None = None
    base: bool = False


@dataclass(slots=True)
class Share:
    """A file that a layer holds. ``layer`` and ``hidden_by`` are numbers of layers from 0; ``digest`` is of the content
    (empty where nothing else has its size); ``package`` is "kind name", empty without; ``waste`` its kind, if any.
    """

    path: str
    size: int
    layer: int
    fate: Fate = Fate.LIVE
    hidden_by: int | None = None
    digest: bytes = b""
    package: str = ""
    waste: WasteKind | None = None
    same_as: str = ""
    """For a duplicate: the path that has the content already."""


@dataclass(frozen=True, slots=True)
class Waste:
    """All bytes of a kind that one step added, and the step that hid them, if one did; ``paths`` are the largest."""

    kind: WasteKind
    layer: int
    hidden_by: int | None
    size: int
    count: int
    paths: tuple[str, ...]
    detail: str = ""
    """What it is more exactly: "apt lists", "pip cache", "git objects"."""


@dataclass(frozen=True)
class Ledger:
    """The ledger. ``size`` is the sum of ``shares``; ``compressed`` are bytes of each layer's blob."""

    name: str
    digest: str
    size: int
    live: int
    compressed: tuple[int, ...]
    layer_sizes: tuple[int, ...]
    steps: tuple[Step, ...]
    shares: tuple[Share, ...]
    wastes: tuple[Waste, ...]
    efficiency: float
    dive_efficiency: float
    dive_wasted: int
    packages: Mapping[str, int] = field(default_factory=dict)
    """Live bytes by "kind name"; the empty name holds what no package owns."""
