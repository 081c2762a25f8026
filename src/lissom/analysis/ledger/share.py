"""The rows of the ledger. Sizes are bytes of file content; further names of one file weigh nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lissom.analysis.secrets import Secret

__all__ = ["Effort", "Fate", "How", "LayerShare", "Ledger", "Share", "Step", "Waste", "WasteKind"]


class Fate(Enum):
    """What became of a file that a layer put in place."""

    LIVE = "live"
    OVERWRITTEN = "overwritten later"
    REWRITTEN = "only its mode, owner or times changed later"
    DELETED = "deleted later"


class How(Enum):
    """What a later layer holds that hides a file: the first that does."""

    FILE = "another file of that name"
    WHITEOUT = "a whiteout"
    PARENT = "a whiteout of a directory above"
    OPAQUE = "an opaque directory above"
    REPLACED = "something of another kind in the place of it or of a directory above"
    COPY_UP = "a hard link, which brought the file along"


class Effort(Enum):
    """What it takes to be rid of a kind of waste."""

    SAME = "the image holds the same files without it"
    CLEAN = "files go that nothing reads when the app runs"
    PROOF = "whether the app runs without it has to be tried"


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

    @property
    def effort(self) -> Effort:
        """What it takes to be rid of it."""
        return _EFFORTS[self]


_SAME = (WasteKind.OVERWRITTEN, WasteKind.REWRITTEN, WasteKind.DELETED, WasteKind.DUPLICATE)
_PROOF = (WasteKind.SECRET, WasteKind.BUILD_TOOLS, WasteKind.DEBUG, WasteKind.UNREACHED)
_EFFORTS = {
    kind: Effort.SAME if kind in _SAME else Effort.PROOF if kind in _PROOF else Effort.CLEAN for kind in WasteKind
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the image's history. ``layer`` counts from 0, None for what changes no file; ``lines`` are first and
    last line in ``file`` where they are known; ``base`` tells whether it came with the base image. ``instruction`` is
    the keyword where the line tells it (RUN, COPY, …), else empty. ``size`` and ``live`` are its layer's.
    """

    number: int
    created_by: str
    layer: int | None = None
    lines: tuple[int, int] | None = None
    file: str | None = None
    base: bool = False
    instruction: str = ""
    size: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True)
class LayerShare:
    """A layer's part. ``size`` is content, ``live`` and ``waste`` are of it; ``tar`` the plain tar, ``compressed`` the
    blob. ``step`` is the number of the step that made it; ``shared``: another image of the store has it too.
    """

    number: int
    digest: str
    diff_id: str
    size: int
    live: int
    waste: int
    tar: int
    compressed: int
    files: int
    step: int | None = None
    base: bool = False
    shared: bool = False


@dataclass(slots=True)
class Share:
    """A regular file that a layer holds. ``layer`` and ``hidden_by`` are numbers of layers from 0, ``how`` and
    ``hidden_at`` tell what hides it and at which path. ``digest`` is the content's fingerprint (empty where it was not
    needed); ``package`` is "kind name", empty without. ``wasted`` bytes of it are ``waste``, more exactly ``detail``.
    """

    path: str
    size: int
    layer: int
    fate: Fate = Fate.LIVE
    hidden_by: int | None = None
    how: How | None = None
    hidden_at: str = ""
    digest: bytes = b""
    package: str = ""
    waste: WasteKind | None = None
    wasted: int = 0
    detail: str = ""
    same_as: str = ""
    """A path of the image that has the content too: for a duplicate the one that is counted as needed."""

    link: str = ""
    """For a further name of a file of this layer (``size`` 0): the name that carries the bytes."""

    secret: str = ""
    """What secret it looks like, whatever became of it."""


@dataclass(frozen=True, slots=True)
class Waste:
    """All bytes of a kind that one layer added, and the layer that hid them, if one did; ``paths`` are the largest."""

    kind: WasteKind
    layer: int
    hidden_by: int | None
    size: int
    count: int
    paths: tuple[str, ...]
    detail: str = ""
    """What it is more exactly: "apt lists", "pip cache", "git repository"."""


@dataclass(frozen=True)
class Ledger:
    """The ledger of ``name``. ``size`` is the sum of ``shares``: content of every layer's regular files, several names
    of a file once a layer. ``live`` of it is what the merged tree holds. ``links`` bytes of symbolic links' targets are
    in no share; docker's figure is ``size + links``.
    """

    name: str
    digest: str
    platform: str
    size: int
    live: int
    links: int
    layers: tuple[LayerShare, ...]
    steps: tuple[Step, ...]
    shares: tuple[Share, ...]
    wastes: tuple[Waste, ...]
    """Largest first."""

    dive_efficiency: float
    dive_wasted: int
    packages: Mapping[str, int] = field(default_factory=dict)
    """Live bytes by "kind name"; the empty name holds what no package owns."""

    essential: frozenset[str] = frozenset()
    """Packages, as "kind name", that stay whoever reaches them: those that the distribution calls essential."""

    secrets: tuple[Secret, ...] = ()
    """What looks like a secret in any layer, in the config or in the history; layers count from 1 there."""

    base: str = ""
    """The image that it stands on, where that is known."""

    dockerfile: str = ""
    """The file that steps have lines of, where one is known."""

    @property
    def compressed(self) -> int:
        """Bytes of all layers' blobs: what a pull of everything moves."""
        return sum(layer.compressed for layer in self.layers)

    @property
    def marginal(self) -> int:
        """Bytes of the blobs that are not the base's: what a pull moves where the base is already."""
        return sum(layer.compressed for layer in self.layers if not layer.base)

    @property
    def efficiency(self) -> float:
        """Of all bytes the part that is live and the only copy of its content; 1 for an image without bytes."""
        lost = self.reclaimable()[Effort.SAME]
        return (self.size - lost) / self.size if self.size else 1.0

    def wasted(self) -> dict[WasteKind, int]:
        """Bytes by kind, for the kinds that there are, in their order."""
        sums = dict.fromkeys(WasteKind, 0)
        for waste in self.wastes:
            sums[waste.kind] += waste.size
        return {kind: size for kind, size in sums.items() if size}

    def reclaimable(self) -> dict[Effort, int]:
        """Bytes that could go, by what that takes."""
        sums = dict.fromkeys(Effort, 0)
        for waste in self.wastes:
            sums[waste.kind.effort] += waste.size
        return sums

    def step_of(self, layer: int) -> Step | None:
        """The step that made a layer."""
        number = self.layers[layer].step
        return None if number is None else self.steps[number]
