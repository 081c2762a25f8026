"""What an attacker who got in would find: programs, rights, writable places, secrets, ports, who the process is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lissom.analysis import rights
from lissom.analysis.programs import programs
from lissom.analysis.secrets import Secret, secrets_in_config, secrets_in_layers
from lissom.errors import IntegrityError
from lissom.rootfs.tree import Changeset, Tree

if TYPE_CHECKING:
    from lissom.analysis.packages import Packages

__all__ = ["GROUPS", "Group", "Measured", "Secret", "Surface", "surface"]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of finding: the field of ``Surface`` that holds it, and its name for people."""

    field: str
    title: str


GROUPS = (
    Group("shells", "shells"),
    Group("package_managers", "package managers"),
    Group("interpreters", "interpreters"),
    Group("compilers", "compilers"),
    Group("network_tools", "network tools"),
    Group("setuid", "setuid files"),
    Group("setgid", "setgid files"),
    Group("capabilities", "file capabilities"),
    Group("world_writable", "writable by all"),
    Group("user_writable", "writable by its user"),
)
"""Findings that are lists of paths, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Paths are of the tree: relative, sorted. ``capabilities`` are "path cap_…"; ``packages`` counts by kind.

    ``user_writable`` leaves out what all may write, and is empty for root, who may write everything.
    """

    user: str = ""
    root: bool = True
    ports: tuple[str, ...] = ()
    packages: Mapping[str, int] = field(default_factory=dict)
    shells: tuple[str, ...] = ()
    package_managers: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    compilers: tuple[str, ...] = ()
    network_tools: tuple[str, ...] = ()
    setuid: tuple[str, ...] = ()
    setgid: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    world_writable: tuple[str, ...] = ()
    user_writable: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()

    def group(self, name: str) -> tuple[str, ...]:
        """The paths of one of ``GROUPS`` by its field."""
        found: tuple[str, ...] = getattr(self, name)
        return found

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; paths begin with a slash."""
        return {
            "user": self.user,
            "root": self.root,
            "ports": list(self.ports),
            "packages": dict(self.packages),
            **{group.field: [f"/{path}" for path in self.group(group.field)] for group in GROUPS},
            "secrets": [
                {"path": f"/{s.path}", "what": s.what, "layer": s.layer, "hidden": s.hidden} for s in self.secrets
            ],
        }

    @classmethod
    def parse(cls, document: Any) -> Surface:
        """Read what ``to_json`` gives. Raises IntegrityError."""
        try:
            return cls(
                user=str(document["user"]),
                root=bool(document["root"]),
                ports=_texts(document["ports"]),
                packages={str(kind): int(count) for kind, count in document["packages"].items()},
                secrets=tuple(_secret(item) for item in document["secrets"]),
                **{group.field: _texts(document[group.field], _path) for group in GROUPS},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise IntegrityError(f"cannot read a surface: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Measured:
    """The surface of the image that a user calls ``name``, and its size: unpacked bytes, those of its layers' blobs,
    and how many files, links included.
    """

    name: str
    surface: Surface
    size: int
    compressed: int
    files: int

    def to_json(self) -> dict[str, Any]:
        """As a JSON object: the surface's, with name and sizes."""
        sizes = {"size": self.size, "compressed": self.compressed, "files": self.files}
        return {"image": self.name, **sizes, **self.surface.to_json()}


def _secret(item: Mapping[str, Any]) -> Secret:
    return Secret(_path(item["path"]), str(item["what"]), int(item["layer"]), bool(item["hidden"]))


def _path(text: Any) -> str:
    return str(text).removeprefix("/")


def _texts(value: Any, of: Callable[[Any], str] = str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(of(item) for item in value)


def surface(
    tree: Tree,
    config: Mapping[str, Any],
    packages: Packages,
    *,
    layers: Sequence[Changeset] = (),
    history: Iterable[Mapping[str, Any]] = (),
    contents: bool = True,
) -> Surface:
    """The surface of a tree with the execution parameters ``config``.

    Secrets are looked for in ``layers``, also where a later one hides them; without layers in the tree. Without
    ``contents`` they are told by names alone, which is quick.
    """
    env = dict(str(pair).partition("=")[::2] for pair in config.get("Env") or ())
    user = str(config.get("User") or "")
    account = rights.account_of(tree, user)
    found = secrets_in_layers(
        layers or [Changeset(tree)], tree, skip=lambda path: packages.owner(path) is not None, contents=contents
    )
    return Surface(
        user=user,
        root=account.root,
        ports=tuple(sorted(map(str, config.get("ExposedPorts") or ()))),
        packages=dict(sorted(Counter(package.kind for package in packages.all).items())),
        setuid=rights.setuid(tree),
        setgid=rights.setgid(tree),
        capabilities=rights.capabilities(tree),
        world_writable=rights.world_writable(tree),
        user_writable=rights.user_writable(tree, account),
        secrets=(*secrets_in_config(config, history), *found),
        **programs(tree, [word for word in env.get("PATH", "").split(":") if word]),
    )
