"""What to ask an image, and what it is to answer: values only.

A probe is one action and an expectation. Actions that speak to a server name the instance they speak to: a container of
the image with its own variables, user or arguments, started when it is first needed and stopped after its last probe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lissom.verify.expectation import Expectation
from lissom.verify.login import Login

__all__ = [
    "DEFAULT",
    "Action",
    "Config",
    "Exec",
    "Files",
    "Http",
    "Instance",
    "Logs",
    "Pg",
    "Probe",
    "Probes",
    "Raw",
    "Redis",
    "Run",
    "Script",
    "Stop",
    "Wanted",
]

DEFAULT = "default"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Http:
    """A request. ``port`` None means the instance's. ``csrf`` is a page that holds a form's token."""

    method: str = "GET"
    path: str = "/"
    port: int | None = None
    headers: Pairs = ()
    form: Pairs = ()
    body: bytes | None = None
    files: tuple[tuple[str, str, str], ...] = ()
    cookies: bool = False
    csrf: str = ""
    follow: bool = False
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Exec:
    """A command inside the running container; in a container of its own when that has ended."""

    argv: tuple[str, ...]
    env: Pairs = ()
    user: str | None = None
    stdin: bytes = b""


@dataclass(frozen=True, slots=True)
class Run:
    """A container of its own with other arguments; ``entrypoint`` None means the image's.

    Commands of ``before`` run first, each in a container of its own that sees what the ones before it wrote.
    """

    args: tuple[str, ...]
    entrypoint: tuple[str, ...] | None = None
    env: Pairs = ()
    user: str | None = None
    stdin: bytes = b""
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    volume: str = ""
    before: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Redis:
    """A command of the Redis protocol."""

    words: tuple[str, ...]
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Pg:
    """Statements for PostgreSQL, sent at once as one simple query."""

    sql: str
    login: Login = field(default_factory=Login)
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes over TCP; the answer ends with the connection, or with the head of an HTTP answer."""

    data: bytes
    port: int | None = None
    half_close: bool = False


@dataclass(frozen=True, slots=True)
class Logs:
    """A regular expression that the container's output must hold."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Script:
    """A user's own program on this machine; it gets LISSOM_BASE_URL and LISSOM_PORT, exit status 0 is a pass."""

    path: Path


@dataclass(frozen=True, slots=True)
class Files:
    """A path of the image, looked up without starting it. ``executable`` is owner, group, other or any."""

    path: str
    exists: bool = True
    mode: int | None = None
    kind: str = ""
    uid: int | None = None
    gid: int | None = None
    executable: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that the config must say; ``values`` are exact words, or one regular expression."""

    setting: str
    key: str = ""
    values: tuple[str, ...] = ()
    pattern: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """What the image's config must say."""

    wanted: tuple[Wanted, ...]


Action = Http | Exec | Run | Redis | Pg | Raw | Logs | Script | Files | Config


@dataclass(frozen=True, slots=True)
class Probe:
    """One question. ``name`` is unique among the probes of a run; ``where`` is its place in a file."""

    name: str
    action: Action
    expect: Expectation = field(default_factory=Expectation)
    instance: str = DEFAULT
    where: str = ""

    @property
    def needs_instance(self) -> bool:
        """Whether a running container must answer it."""
        return not isinstance(self.action, Run | Files | Config)


@dataclass(frozen=True, slots=True)
class Stop:
    """How an instance is to end. ``signal`` empty: the image's stop signal; ``log`` is a regular expression."""

    signal: str = ""
    within: float = 10
    exit: tuple[int, ...] = (0, 143)
    log: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """A container that probes speak to.

    ``ready`` is a path that answers below 500, ``log:TEXT``, ``redis``, ``pg`` (``login`` may select), or empty: its
    ports listen. Instances with one ``volume`` share what is in it and never run at once.
    """

    name: str = DEFAULT
    env: Pairs = ()
    user: str | None = None
    args: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    volume: str = ""
    port: int | None = None
    ready: str = ""
    ready_timeout: float = 60
    stop: Stop | None = None
    login: Login = field(default_factory=Login)


@dataclass(frozen=True)
class Probes:
    """All that is asked of an image. Without any check it is started, crawled and stopped."""

    checks: tuple[Probe, ...] = ()
    port: int | None = None
    instances: Mapping[str, Instance] = field(default_factory=dict)
    crawl: bool = False

    def instance(self, name: str) -> Instance:
        """The instance of that name, with the port of the whole where it has none."""
        found = self.instances.get(name, Instance(name))
        return found if found.port is not None else replace(found, port=self.port)

    @property
    def paths(self) -> frozenset[str]:
        """Absolute paths that must stay because a probe looks for them without opening them."""
        actions = (probe.action for probe in self.checks)
        return frozenset(action.path for action in actions if isinstance(action, Files) and action.exists)

    def plus(self, other: Probes) -> Probes:
        """These and then the others; where both name a port or an instance, the other's counts."""
        checks = _with_unique_names((*self.checks, *other.checks))
        port = self.port if other.port is None else other.port
        return Probes(checks, port, {**self.instances, **other.instances}, self.crawl or other.crawl)

    @classmethod
    def of(cls, *checks: Probe, crawl: bool = False) -> Probes:
        """Probes of the default instance, such as those that flags give."""
        return cls(_with_unique_names(checks), crawl=crawl)


def _with_unique_names(checks: tuple[Probe, ...]) -> tuple[Probe, ...]:
    found: dict[str, Probe] = {}
    numbers: dict[str, int] = {}
    for probe in checks:
        name = probe.name
        while name in found:
            numbers[probe.name] = numbers.get(probe.name, 1) + 1
            name = f"{probe.name} ({numbers[probe.name]})"
        found[name] = probe if name == probe.name else replace(probe, name=name)
    return tuple(found.values())
