"""Where this user's logins are: docker's and podman's files, in podman's order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from lissom.cli.session import Session

__all__ = ["login_file", "login_files", "named_file", "place_of"]


def named_file(given: Session, authfile: Path | None) -> Path | None:
    """The one file that somebody names: a flag beats the environment, that beats the settings file."""
    named = given.environment.get("REGISTRY_AUTH_FILE") or given.settings.authfile
    return authfile or (Path(named) if named else None)


def login_files(environment: Mapping[str, str], authfile: Path | None = None) -> list[Path]:
    """Where logins are looked for, first one first; a named file is the only one."""
    if authfile or environment.get("REGISTRY_AUTH_FILE"):
        return [login_file(environment, authfile)]
    home = environment.get("HOME") or "/root"
    settings = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    return [
        *_runtime(environment),
        Path(settings) / "containers" / "auth.json",
        login_file(environment),
        Path(home) / ".dockercfg",
    ]


def login_file(environment: Mapping[str, str], authfile: Path | None = None) -> Path:
    """Where ``login`` writes: the named file, else docker's config.json."""
    named = authfile or environment.get("REGISTRY_AUTH_FILE")
    if named:
        return Path(named)
    folder = environment.get("DOCKER_CONFIG") or (environment.get("HOME") or "/root") + "/.docker"
    return Path(folder) / "config.json"


def place_of(text: str) -> tuple[str, str]:
    """The registry in what a user wrote, and the part of it that a login is for (podman's ``registry/team``).

    An address such as ``https://host/v1/`` is its host alone. Raises UsageError for what is no host.
    """
    scheme, address, rest = text.partition("://")
    name, _, path = (rest if address else scheme).partition("/")
    if not any(c in name for c in ".:") and name != "localhost":
        raise click.UsageError(f"cannot use registry `{text}`: it is not a host name")
    path = path.strip("/")
    return name, "" if address or path in ("v1", "v2") else path


def _runtime(environment: Mapping[str, str]) -> list[Path]:
    """Where podman keeps what is to be forgotten when the user leaves."""
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        return [Path(runtime) / "containers" / "auth.json"]
    path = Path(f"/run/containers/{os.geteuid()}/auth.json")
    return [path] if os.access(path, os.R_OK) else []
