"""What the flags of ``lissom fix`` say, as values; what does not go together is told before any work."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.api.build_request import BuildRequest
    from lissom.api.fix import Asking
    from lissom.api.lint_target import Target
    from lissom.lint.fix import Safety
    from lissom.lint.settings import Settings

__all__ = ["allowed", "asking_of", "build_request", "check", "settings_of"]

_ASKING = ("http", "execs", "probes", "crawl")
_HOW_TO_ASK = ("wait", "port", "env", "user")
_OF_BUILDS = ("build_arg", "target", "secrets", "ssh", "add_host", "build_context", "host_settings", "pull", "platform")
_NAMES = {"execs": "exec", "secrets": "secret"}
# What a trial build is not asked for, as the flags of ``lissom build`` have it.
_UNASKED: Mapping[str, Any] = {
    "tags": (), "label": {}, "annotation": {}, "shm_size": None, "ulimit": (), "no_cache": False,
    "no_cache_filter": (), "cache_from": (), "cache_to": (), "outputs": (), "push": False, "load": False,
    "squash": False, "compression": "gzip", "timestamp": None,
}  # fmt: skip


def check(target: Target, flags: Mapping[str, Any]) -> None:
    """Raise UsageError for flags that do not go together."""
    _check_output(target, flags)
    if flags["verify"]:
        if target.context is None:
            raise UsageError("cannot build: nobody knows the build context", hint="name it with --context DIR")
        if not any(flags[name] for name in _ASKING):
            _refuse(flags, _HOW_TO_ASK, "there is no probe", "give --http, --exec, --probes or --crawl")
    else:
        _refuse(flags, (*_ASKING, *_HOW_TO_ASK, *_OF_BUILDS), "nothing is built", "--verify builds before and after")


def _check_output(target: Target, flags: Mapping[str, Any]) -> None:
    if target.path is None and flags["write"]:
        raise UsageError("cannot write in place: the Dockerfile comes from stdin", hint="use --output FILE")
    if flags["write"] and flags["output"]:
        raise UsageError("cannot use both --write and --output: one writes in place, the other to a file")
    if flags["as_json"] and (flags["diff"] or flags["output"] == "-"):
        raise UsageError("cannot use --json with --diff or --output -: stdout holds one thing")


def _refuse(flags: Mapping[str, Any], names: tuple[str, ...], cause: str, hint: str) -> None:
    given = next((name for name in names if flags[name]), None)
    if given is not None:
        raise UsageError(f"cannot use --{_NAMES.get(given, given).replace('_', '-')}: {cause}", hint=hint)


def allowed(flags: Mapping[str, Any]) -> tuple[Safety, ...]:
    """Which fixes are made without a proof."""
    from lissom.lint.fix import Safety

    return tuple(Safety) if flags["unsafe"] else (Safety.SAFE,)


def settings_of(target: Target, flags: Mapping[str, Any]) -> Settings:
    """The settings of lint with flags on top. Raises UsageError."""
    from lissom.api.lint import settings_for

    settings = settings_for(target.path, flags["config"]).changed(select=flags["select"], ignore=flags["ignore"])
    if flags["runtime"]:
        return replace(settings, of_rules={**settings.of_rules, "runtime": flags["runtime"]})
    return settings


def build_request(target: Target, flags: Mapping[str, Any], env: Mapping[str, str]) -> BuildRequest:
    """How trial builds are made. Raises UsageError."""
    from lissom.cli.build_flags import read_flags

    platforms = (flags["platform"],) if flags["platform"] else ()
    given = {**_UNASKED, **flags, "platforms": platforms, "dockerfile": str(target.path) if target.path else None}
    return read_flags(str(target.context), given, env, io.BytesIO(), io.BytesIO())


def asking_of(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Asking | None:
    """The app's probes and how to put them; None when none was given. Raises UsageError."""
    if not any(flags[name] for name in _ASKING):
        return None
    from lissom.api.fix import Asking
    from lissom.cli.slim_flags import probes_of
    from lissom.verify.patience import Patience

    patience = Patience().times(flags["patience"])
    return Asking(probes_of(flags), flags["probe_network"], patience, dict(environment))
