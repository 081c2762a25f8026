"""The spec of an image in YAML, read with the place of every value, so that errors can show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lissom.dockerfile.fault import error_at, nearest
from lissom.dockerfile.source import Source, Span
from lissom.errors import DockerfileError, UsageError

__all__ = ["READY", "Account", "Java", "Spec", "Wish", "load", "parse"]

READY = Path(__file__).parent / "specs"
_BOOTSTRAPS = ("minbase", "essential", "none")


@dataclass(frozen=True, slots=True)
class Account:
    """A user or a group of the image; ``home`` and ``shell`` are the user's only."""

    name: str
    id: int
    gid: int = 0
    home: str = "/nonexistent"
    shell: str = "/sbin/nologin"


@dataclass(frozen=True, slots=True)
class Wish:
    """A package that is wanted: at one exact ``version`` or the newest, whole or ``slices`` of it.

    A slice is a name of the library of slices, or, with a leading slash, a glob of paths.
    """

    name: str
    version: str = ""
    slices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}={self.version}" if self.version else self.name


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
    run), ``exclude`` globs of paths, of which ``keep`` saves some. ``ca`` are PEM texts of certificates to trust beside
    Debian's. ``pyc`` compiles Python's modules. ``layers`` is how many layers there may be.
    """

    name: str = ""
    suite: str = "bookworm"
    components: tuple[str, ...] = ("main",)
    architectures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    snapshot: str = ""
    packages: tuple[Wish, ...] = ()
    without: tuple[str, ...] = ()
    dependencies: bool = True
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
    files: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    directories: tuple[tuple[str, int], ...] = ()
    applets: str = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    workdir: str = ""
    user: str = ""
    layers: int = 1


def load(text: str) -> Spec:
    """The spec in the file ``text``, or the ready one of that name. Raises UsageError."""
    path = Path(text)
    if not path.is_file() and re.fullmatch(r"[a-z0-9-]+", text):
        path = READY / f"{text}.yaml"
        if not path.is_file():
            ready = sorted(one.stem for one in READY.glob("*.yaml"))
            near = nearest(text, ready)
            raise UsageError(
                f"cannot use spec `{text}`: there is neither a file nor a ready spec of this name",
                hint=f"did you mean `{near}`?" if near else f"ready specs: {', '.join(ready)}",
            )
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read spec `{text}`: {cause}") from error


def parse(text: str, name: str) -> Spec:
    """Read a spec. Raises UsageError with file, line, column, excerpt and caret."""
    reader = _Reader(Source(name, text))
    try:
        return reader.spec()
    except DockerfileError as error:
        raise UsageError(error.message, hint=error.hint) from None


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def spec(self) -> Spec:
        try:
            root = yaml.compose(self.source.text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark.index if error.problem_mark else 0
            raise error_at(self.source, Span(at, at + 1), f"cannot read the spec: {error.problem}") from error
        if not isinstance(root, yaml.MappingNode):
            raise error_at(self.source, Span(0, 1), "cannot read the spec: it is not a map of settings")
        values: dict[str, Any] = {}
        for key, value in root.value:
            read = getattr(self, f"_read_{key.value}", None) or _PLAIN.get(key.value)
            if read is None:
                near = nearest(str(key.value), KEYS)
                raise self.error(key, f"unknown setting `{key.value}`", f"did you mean `{near}`?" if near else None)
            values[key.value] = read(value) if hasattr(self, f"_read_{key.value}") else read(self, value)
        return Spec(**values)

    def error(self, node: yaml.Node, message: str, hint: str | None = None) -> DockerfileError:
        return error_at(self.source, Span(node.start_mark.index, node.end_mark.index), message, hint=hint)

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "this is to be a text")
        return str(node.value)

    def flag(self, node: yaml.Node) -> bool:
        if self.text(node) not in ("true", "false"):
            raise self.error(node, f"`{self.text(node)}` is neither true nor false")
        return self.text(node) == "true"

    def texts(self, node: yaml.Node) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, "this is to be a list")
        return tuple(self.text(item) for item in node.value)

    def pairs(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "this is to be a map of names to texts")
        return tuple((self.text(key), self.text(value)) for key, value in node.value)

    def paths(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        found = self.pairs(node)
        for key, _ in node.value:
            self.path(key)
        return found

    def path(self, node: yaml.Node) -> str:
        parts = self.text(node).split("/")
        if parts[0] or len(parts) < 2 or any(part in ("", ".", "..") for part in parts[1:]):
            raise self.error(node, f"`{self.text(node)}` is not a clean absolute path")
        return self.text(node)

    def number(self, node: yaml.Node, *, base: int = 10, limit: int = 0xFFFFFFFE) -> int:
        try:
            value = int(self.text(node), base)
        except ValueError:
            value = -1
        if not 0 <= value <= limit:
            raise self.error(node, f"`{self.text(node)}` is not a number from 0 to {limit:{'o' if base == 8 else 'd'}}")
        return value

    def _read_bootstrap(self, node: yaml.Node) -> str:
        if self.text(node) not in _BOOTSTRAPS:
            raise self.error(node, f"unknown bootstrap `{self.text(node)}`", f"known: {', '.join(_BOOTSTRAPS)}")
        return self.text(node)

    def _read_packages(self, node: yaml.Node) -> tuple[Wish, ...]:
        parts = (text.partition("=") for text in self.texts(node))
        return tuple(Wish(name, version) for name, _, version in parts)

    def _read_directories(self, node: yaml.Node) -> tuple[tuple[str, int], ...]:
        self.paths(node)
        return tuple((self.text(key), self.number(value, base=8, limit=0o7777)) for key, value in node.value)

    def _read_users(self, node: yaml.Node) -> tuple[Account, ...]:
        return self._accounts(node, ("name", "uid", "gid", "home", "shell"), "uid")

    def _read_groups(self, node: yaml.Node) -> tuple[Account, ...]:
        return self._accounts(node, ("name", "gid"), "gid")

    def _accounts(self, node: yaml.Node, known: tuple[str, ...], number: str) -> tuple[Account, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, "this is to be a list")
        found = []
        for item in node.value:
            if not isinstance(item, yaml.MappingNode):
                raise self.error(item, f"this is to be a map with {', '.join(known)}")
            fields = {}
            for key, value in item.value:
                if key.value not in known:
                    raise self.error(key, f"unknown setting `{key.value}`", f"known: {', '.join(known)}")
                fields[key.value] = value
            for name in ("name", number):
                if name not in fields:
                    raise self.error(item, f"`{name}` is missing")
            if not re.fullmatch(r"[a-z_][a-z0-9_-]*\$?", self.text(fields["name"])):
                raise self.error(fields["name"], f"`{self.text(fields['name'])}` is not a name of a user or group")
            texts = {key: self.text(value) for key, value in fields.items() if key in ("home", "shell")}
            identity = self.number(fields[number])
            gid = self.number(fields["gid"]) if "gid" in fields else identity
            found.append(Account(self.text(fields["name"]), identity, gid, **texts))
        return tuple(found)


_PLAIN: dict[str, Any] = {
    **dict.fromkeys(("name", "suite", "workdir", "user"), _Reader.text),
    **dict.fromkeys(("components", "architectures", "without", "trim", "exclude", "entrypoint", "cmd"), _Reader.texts),
    **dict.fromkeys(("dependencies", "configure"), _Reader.flag),
    **dict.fromkeys(("env", "labels"), _Reader.pairs),
    **dict.fromkeys(("files", "links"), _Reader.paths),
    "applets": _Reader.path,
}
KEYS = (*_PLAIN, "bootstrap", "packages", "directories", "users", "groups")
