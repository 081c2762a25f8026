"""Files of logins in the form of docker's config.json, which podman's auth.json shares: read, found in, written."""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lissom.errors import RegistryError
from lissom.registry.logins.login import Login

__all__ = ["changing", "entry_of", "helper_of", "keys_of", "read_config", "server_key", "write_config"]

_HUB_KEY = "https://index.docker.io/v1/"
_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_LEGACY_PATHS = frozenset({"", "v1", "v2"})
_LIMIT = 4 << 20


def server_key(registry: str) -> str:
    """The key under which docker keeps a registry's login: the host, but the first API's address for the Hub."""
    return _HUB_KEY if registry in _HUB_NAMES else registry


def read_config(path: Path) -> dict[str, Any]:
    """A config file as JSON; empty when there is none. Raises RegistryError when it is broken."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise RegistryError(f"cannot read logins `{path}`: {getattr(error, 'strerror', error)}") from error
    if len(raw) > _LIMIT:
        raise RegistryError(f"cannot read logins `{path}`: it is larger than {_LIMIT >> 20} MiB")
    try:
        document = json.loads(raw if raw.strip() else b"{}")
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"cannot read logins `{path}`: it is not JSON") from error
    if path.name == ".dockercfg" and isinstance(document, dict) and "auths" not in document:
        return {"auths": document}
    if not isinstance(document, dict) or not isinstance(document.get("auths", {}), dict | None):
        raise RegistryError(f"cannot read logins `{path}`: it is not of the form of docker's config.json")
    return document


def keys_of(names: Any, registry: str, repository: str = "") -> list[str]:
    """The keys among ``names`` that are about a repository, the one for the smallest part of the registry first.

    A key is a host, podman's ``host/path/of/repository``, or an address as docker wrote them once. Without a
    repository only those count that are about the whole registry.
    """
    wanted = f"{repository}/"
    found = []
    for key in names if isinstance(names, dict) else ():
        host, path = _parsed(key)
        if host == _canonical(registry) and (not path or wanted.startswith(f"{path}/")):
            found.append((-len(path), key != server_key(registry), key))
    return [key for _, _, key in sorted(found)]


def _parsed(key: str) -> tuple[str, str]:
    """Host and path of a key; the path of an address says nothing."""
    scheme, found, rest = key.partition("://")
    host, _, path = (rest if found else scheme).partition("/")
    path = path.strip("/")
    return _canonical(host), "" if found or path in _LEGACY_PATHS else path


def _canonical(host: str) -> str:
    name = host.lower()
    return "docker.io" if name in _HUB_NAMES else name


def helper_of(document: dict[str, Any], registry: str) -> str | None:
    """The name of the helper that keeps a registry's logins: its own, else the common one."""
    helpers = document.get("credHelpers") or {}
    named = [helpers[key] for key in keys_of(helpers, registry)]
    found = next((name for name in named if name), None) or document.get("credsStore")
    return str(found) if found else None


def entry_of(document: dict[str, Any], registry: str, repository: str, path: Path) -> Login | None:
    """The login that a file itself holds. Raises RegistryError when that entry cannot be read; others may be broken."""
    auths = document.get("auths") or {}
    for key in keys_of(auths, registry, repository):
        login = _login(auths[key], f"cannot read logins `{path}`: the entry for `{key}`", str(path))
        if login != Login():
            return login
    return None


def _login(value: Any, what: str, kept_in: str) -> Login:
    fields = ("username", "password", "auth", "identitytoken", "registrytoken")
    if not isinstance(value, dict) or not all(isinstance(value.get(name) or "", str) for name in fields):
        raise RegistryError(f"{what} is not of the form of docker's config.json")
    username, password, auth, identity, token = (value.get(name) or "" for name in fields)
    if auth:
        try:
            padded = auth.strip().rstrip("=") + "=" * (-len(auth.strip().rstrip("=")) % 4)
            pair = base64.b64decode(padded, validate=True).decode().rstrip("\0")
        except (binascii.Error, ValueError) as error:
            raise RegistryError(f"{what} is not base64") from error
        username, colon, password = pair.partition(":")
        if not colon:
            raise RegistryError(f"{what} holds no user name and password")
    return Login(username, password, identity, token, kept_in)


@contextlib.contextmanager
def changing(path: Path) -> Iterator[dict[str, Any]]:
    """A config file as it is, to be written before the block is left: of two that do so at once one waits.

    Its directory is what is locked, so that no file of ours lies about there.
    """
    folder = path.resolve().parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise RegistryError(f"cannot write logins `{path}`: {error.strerror}") from error
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_config(path)
    finally:
        os.close(lock)


def write_config(path: Path, document: dict[str, Any]) -> None:
    """Replace a config file at once, for its owner alone to read; a link to it stays a link. Raises RegistryError."""
    legacy = path.name == ".dockercfg" and set(document) == {"auths"}
    text = json.dumps(document["auths"] if legacy else document, indent="\t") + "\n"
    target = path.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)  # 0600 from the start
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                _keep_owner(target, file.fileno())
            os.rename(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise RegistryError(f"cannot write logins `{path}`: {error.strerror}") from error


def _keep_owner(target: Path, handle: int) -> None:
    """With sudo the file may be another user's, who wants to read it afterwards."""
    with contextlib.suppress(OSError):
        old = target.stat()
        if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, old.st_uid, old.st_gid)
