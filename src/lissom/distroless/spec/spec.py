"""What an image is to be: the values that a spec is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lissom.errors import UsageError

__all__ = ["Account", "Directory", "File", "Java", "Spec", "Wish"]

_WISH = re.compile(r"(?P<name>[a-z0-9][a-z0-9+.-]+)(=(?P<version>[0-9][A-Za-z0-9.+~:-]*))?")


@dataclass(frozen=True, slots=True)
class Account:
    """A user or a group of the image; ``home``, ``shell`` and further ``groups`` are the user's only."""

    name: str
    id: int
    gid: int = 0
    home: str = "/nonexistent"
    shell: str = "/sbin/nologin"
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """A package that is wanted: at one exact ``version`` or the newest, whole or ``slices`` of it.

    A slice is a name of the library of slices, or, with a leading slash, a glob of paths. Without ``dependencies``
    the package comes alone: what it needs is not followed.
    """

    name: str
    version: str = ""
    slices: tuple[str, ...] = ()
    dependencies: bool = True

    @classmethod
    def parse(cls, text: str) -> Wish:
        """The whole package ``NAME``, or ``NAME=VERSION``. Raises UsageError."""
        match = _WISH.fullmatch(text)
        if not match:
            raise UsageError(f"cannot use package `{text}`: it is neither NAME nor NAME=VERSION")
        return cls(match["name"], match["version"] or "")

    def over(self, below: Wish) -> Wish:
        """This wish and the one that it is laid over: the slices of both, or the whole package."""
        slices = tuple(dict.fromkeys(below.slices + self.slices)) if below.slices and self.slices else ()
        return Wish(self.name, self.version or below.version, slices, self.dependencies)

    def __str__(self) -> str:
        return f"{self.name}={self.version}" if self.version else self.name


@dataclass(frozen=True, slots=True)
class File:
    """A regular file that the spec adds; ``path`` is absolute, ``mode`` holds permission bits."""

    path: str
    data: bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that the spec adds, or whose rights it sets; ``path`` is absolute."""

    path: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Java:
    """The Java runtime that jlink makes of these modules and what they need; ``compress`` is jlink's, from 0 to 2."""

    modules: tuple[str, ...]
    compress: int = 0


@dataclass(frozen=True)
class Spec:
    """What an image is to be. ``configure`` runs maintainer scripts; without it files are laid out and that is all.

    ``bootstrap`` adds the packages that every Debian has: those of ``minbase`` or the ``essential`` ones, as
    mmdebstrap's variants do. ``sources`` replace those of the machine's apt; ``snapshot`` is the moment of the archive
    (``20261101T000000Z``). ``trim`` names kinds of files that are left out (None: all documentation, when no scripts
    run), ``exclude`` globs of paths, of which ``keep`` saves some. ``ca`` are certificates to trust beside Debian's,
    each of them one PEM text. ``pyc`` compiles Python's modules. ``layers`` is how many layers there may
    be (None: one when scripts run, else what `evidence.layers.LAYERS` says).
    """

    name: str = ""
    suite: str = "bookworm"
    components: tuple[str, ...] = ("main",)
    architectures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    snapshot: str = ""
    packages: tuple[Wish, ...] = ()
    without: tuple[str, ...] = ()
    bootstrap: str = "none"
    configure: bool = False
    debug: bool = False
    trim: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    strip: bool = False
    pyc: bool = False
    java: Java | None = None
    ca: tuple[str, ...] = ()
    users: tuple[Account, ...] = ()
    groups: tuple[Account, ...] = ()
    files: tuple[File, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    directories: tuple[Directory, ...] = ()
    applets: str = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    workdir: str = ""
    user: str = ""
    layers: int | None = None
