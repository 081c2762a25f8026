"""What the global flags say: where the store is, how to show progress. Commands get it as click's object."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.settings import Settings, read_settings

if TYPE_CHECKING:
    from lissom.events import Listener
    from lissom.store.store import Store

__all__ = ["PROGRESS", "Session", "root_of", "session"]

PROGRESS = ("auto", "tty", "plain", "json", "quiet")


@dataclass(frozen=True, slots=True)
class Session:
    """The global flags, resolved; those behind ``environment`` are of commands that reach registries."""

    root: Path
    settings: Settings
    progress: str
    verbose: int
    environment: Mapping[str, str]
    authfile: Path | None = None
    ca_file: Path | None = None
    insecure: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    mirrors_only: bool = False

    @classmethod
    def of(
        cls, environment: Mapping[str, str], *, root: str | None, config: str | None, progress: str | None, verbose: int
    ) -> Session:
        """Flags beat the environment, the environment beats the settings file, that beats defaults."""
        named = config or environment.get("LISSOM_CONFIG")
        settings = read_settings(Path(named)) if named else Settings()
        chosen = root or environment.get("LISSOM_ROOT") or settings.root
        shown = progress or environment.get("LISSOM_PROGRESS") or settings.progress or "auto"
        if shown not in PROGRESS:
            raise click.UsageError(f"cannot show progress as `{shown}`: it is one of {', '.join(PROGRESS)}")
        return cls(Path(chosen) if chosen else root_of(environment), settings, shown, verbose, environment)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, open. An ordinary user becomes root of a user namespace first.

        Nothing that runs threads may be begun before.
        """
        if os.geteuid() != 0:
            self._enter()
        from lissom.store.store import Store

        with Store.at(self.root) as store:
            yield store

    def _enter(self) -> None:
        from lissom.sandbox.userns import enter

        # Inside, the user's id is root's: whose home it is must be known before.
        os.environ.setdefault("HOME", os.path.expanduser("~"))
        enter()

    @contextmanager
    def listening(self, *, quiet: bool = False) -> Iterator[Listener]:
        """A listener that shows events on stderr until the block is left."""
        from lissom.cli.progress import showing

        with showing(
            "quiet" if quiet else self.progress, sys.stderr, self.environment, verbose=self.verbose
        ) as listener:
            yield listener


def root_of(environment: Mapping[str, str]) -> Path:
    """The store's place when nobody names it."""
    if os.geteuid() == 0:
        return Path("/var/lib/lissom")
    data = environment.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(data) / "lissom"


def session(command: Callable[..., Any]) -> Callable[..., Any]:
    """Call ``command`` with the Session first; accept ``--root`` and ``--progress`` after the command's name too."""

    @click.option("--root", expose_value=False, hidden=True, callback=_set_root)
    @click.option("--progress", type=click.Choice(PROGRESS), expose_value=False, hidden=True, callback=_set_progress)
    @functools.wraps(command)
    def called(*arguments: Any, **flags: Any) -> Any:
        return command(click.get_current_context().find_object(Session), *arguments, **flags)

    return called


def _set_root(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        ctx.obj = replace(ctx.ensure_object(Session), root=Path(value))


def _set_progress(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        ctx.obj = replace(ctx.ensure_object(Session), progress=value)
