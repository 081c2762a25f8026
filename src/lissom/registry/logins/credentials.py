"""Logins as docker and podman keep them: in files, or with credential helpers that a file names."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lissom.errors import RegistryError, UsageError
from lissom.events import Listener, Warned, silent
from lissom.registry.logins.credential_helper import (
    RunHelper,
    erase_login,
    get_login,
    is_helper_name,
    program_of,
    run_helper,
    store_login,
)
from lissom.registry.logins.login import Login
from lissom.registry.logins.login_file import (
    changing,
    entry_of,
    helper_of,
    keys_of,
    read_config,
    server_key,
    write_config,
)

__all__ = ["ConfigFiles", "forget", "forget_all", "remember"]


class ConfigFiles:
    """Reads logins from ``files`` in order; the first that has one wins. Implements Credentials.

    Within a file a helper named for the registry beats the common helper, which beats the file's own entries.
    A helper that fails, or a file that may not be read, costs a warning, not the transfer: most images need no login.
    """

    def __init__(self, files: Sequence[Path], *, listener: Listener = silent, run: RunHelper = run_helper) -> None:
        self._files = tuple(files)
        self._listener = listener
        self._run = run

    def find(self, registry: str, repository: str = "") -> Login | None:
        """The login for a repository. Raises RegistryError when a file, or the entry in it, is broken."""
        for path in self._files:
            document = self._read(path)
            login = self._ask(document, registry) or entry_of(document, registry, repository, path)
            if login:
                return login
        return None

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            return read_config(path)
        except RegistryError as error:
            if not isinstance(error.__cause__, PermissionError):
                raise
            self._listener(Warned(error.message))
            return {}

    def _ask(self, document: dict[str, Any], registry: str) -> Login | None:
        helper = helper_of(document, registry)
        if helper is None:
            return None
        try:
            if not is_helper_name(helper):
                raise RegistryError("that is no name of a program")
            return get_login(self._run, helper, server_key(registry))
        except RegistryError as error:
            self._listener(Warned(f"cannot ask `{program_of(helper)}` about `{registry}`: {error.message}"))
            return None


def remember(path: Path, registry: str, login: Login, *, namespace: str = "", run: RunHelper = run_helper) -> str:
    """Keep a login: with the helper that ``path`` names, else in ``path``. Says which of both.

    With a ``namespace`` it is for that part of the registry alone. Raises RegistryError, UsageError.
    """
    with changing(path) as document:
        if helper := _usable_helper(document, registry, path):
            if namespace:
                raise UsageError(
                    f"cannot keep a login for `{registry}/{namespace}`: `{program_of(helper)}` keeps whole registries",
                    hint="name a file of its own with --authfile",
                )
            store_login(run, helper, server_key(registry), login)
            return program_of(helper)
        key = f"{registry}/{namespace}" if namespace else server_key(registry)
        auths = document.get("auths") or {}
        stale = set(_same(auths, registry, namespace))
        kept = {k: v for k, v in auths.items() if k not in stale}
        write_config(path, {**document, "auths": {**kept, key: _entry(login)}})
    return str(path)


def forget(path: Path, registry: str, *, namespace: str = "", run: RunHelper = run_helper) -> bool:
    """Drop a login, from the helper too; False when there was none. Raises RegistryError."""
    with changing(path) as document:
        helper = None if namespace else _usable_helper(document, registry, path)
        known = erase_login(run, helper, server_key(registry)) if helper else False
        auths = document.get("auths") or {}
        dropped = set(_same(auths, registry, namespace))
        if dropped:
            write_config(path, {**document, "auths": {k: v for k, v in auths.items() if k not in dropped}})
    return known or bool(dropped)


def forget_all(path: Path, *, run: RunHelper = run_helper) -> list[str]:
    """Drop every login that ``path`` knows of; gives their keys. Raises RegistryError."""
    with changing(path) as document:
        auths, own = document.get("auths") or {}, document.get("credHelpers")
        helpers = {key: name for key, name in (own if isinstance(own, dict) else {}).items() if is_helper_name(name)}
        if common := document.get("credsStore"):
            # docker leaves an empty entry behind for each login that the common helper keeps.
            helpers = {**{key: common for key in auths if is_helper_name(common)}, **helpers}
        erased = [key for key, name in helpers.items() if erase_login(run, name, key)]
        if auths:
            write_config(path, {**document, "auths": {}})
    return sorted({*auths, *erased})


def _usable_helper(document: dict[str, Any], registry: str, path: Path) -> str | None:
    helper = helper_of(document, registry)
    if helper is not None and not is_helper_name(helper):
        raise RegistryError(f"cannot use logins `{path}`: `{helper}` is no name of a credential helper")
    return helper


def _same(auths: dict[str, Any], registry: str, namespace: str) -> list[str]:
    """Every key that says the same as the one that is to be written or dropped."""
    if namespace:
        return [key for key in auths if key == f"{registry}/{namespace}"]
    return keys_of(auths, registry)


def _entry(login: Login) -> dict[str, str]:
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    if login.identity_token:
        # The password was exchanged for the token: it need not be anywhere.
        pair = base64.b64encode(f"{login.username}:".encode()).decode()
        return {"auth": pair, "identitytoken": login.identity_token}
    return {"auth": pair}
