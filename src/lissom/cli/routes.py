"""Where flags, environment, settings and the files of other tools say that registries are reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.cli.session import Session as Given
    from lissom.registry.routing.routing import Places, Routing

__all__ = ["places_of", "routing_of"]

_YES_OR_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def routing_of(given: Given) -> Routing:
    """All that this user and this machine say: flags first, then the environment, the settings file, other tools'."""
    from lissom.registry.routing.routing import Routing
    from lissom.registry.routing.short import parse_mirrors, split_list

    environment, settings = given.environment, given.settings
    said = (
        (given.mirrors, "--mirror"),
        (split_list(environment.get("LISSOM_MIRRORS", "")), "LISSOM_MIRRORS"),
        (settings.mirrors, "`mirrors` of the settings file"),
    )
    return Routing(
        tuple(parse_mirrors(mirrors, where) for mirrors, where in said if mirrors),
        places_of(environment),
        given.mirrors_only or _mirrors_only(environment) or settings.mirrors_only,
    )


def places_of(environment: Mapping[str, str]) -> Places:
    """Where the files of docker, podman and containerd lie: what is the user's own beats what is the machine's."""
    from lissom.registry.routing.routing import Places

    home = environment.get("HOME") or "/root"
    own = Path(environment.get("XDG_CONFIG_HOME") or f"{home}/.config")
    machine = Path("/etc")
    both = (own, machine)
    named = environment.get("CONTAINERS_REGISTRIES_CONF")
    containers = [directory / "containers" for directory in both]
    containerd, docker = (
        tuple(directory / engine / "certs.d" for directory in both) for engine in ("containerd", "docker")
    )
    return Places(
        registries=(Path(named),) if named else tuple(directory / "registries.conf" for directory in containers),
        named=bool(named),
        user_dir=own / "containers" / "registries.conf.d",
        registries_dirs=tuple(directory / "registries.conf.d" for directory in reversed(containers)),
        hosts=(containerd[0], docker[0], containerd[1], docker[1]),
        daemons=tuple(directory / "docker" / "daemon.json" for directory in both),
        certificates=(*(directory / "certs.d" for directory in containers), *docker, *containerd),
    )


def _mirrors_only(environment: Mapping[str, str]) -> bool:
    text = environment.get("LISSOM_MIRRORS_ONLY", "")
    if text.lower() not in _YES_OR_NO:
        raise UsageError(f"cannot use LISSOM_MIRRORS_ONLY: `{text}` is neither 1 nor 0")
    return _YES_OR_NO[text.lower()]
