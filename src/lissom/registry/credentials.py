"""Logins as docker and podman keep them: files of the form of docker's config.json, and credential helpers.

The helper protocol: ``docker-credential-NAME get|store|erase`` with the server on stdin and JSON on stdout.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lissom.errors import RegistryError
from lissom.events import Listener, Warned, silent
from lissom.registry.auth import Login

__all__ = ["ConfigFiles", "forget", "remember", "server_key"]

_HUB_KEY = "https://index.docker.io/v1/"
_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HELPER_SECONDS = 60.0
_LIMIT = 4 << 20

RunHelper = Callable[[str, str, str], tuple[int, str]]


def _run_helper(name: str, action: str, text: str) -> tuple[int, str]:
    """Run a credential helper; gives its status and what it wrote. Raises OSError when there is none."""
    done = subprocess.run(
        [f"docker-credential-{name}", action],
        input=text, capture_output=True, text=True, timeout=_HELPER_SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout or done.stderr


def server_key(registry: str) -> str:
    """The key under which docker keeps a registry's login: the host, but the first API's address for the Hub."""
    return _HUB_KEY if registry in _HUB_NAMES else registry


class ConfigFiles:
    """Reads logins from ``files`` in order; the first that has one for a registry wins. Implements Credentials.

    Within a file a helper named for the registry beats the common helper, which beats the file's own entries.
    A helper that fails costs a warning, not the transfer: most images need no login.
    """

    def __init__(
        self, files: Sequence[Path], *, listener: Listener = silent, run_helper: RunHelper = _run_helper
    ) -> None:
        self._files = tuple(files)
        self._listener = listener
        self._run_helper = run_helper

    def find(self, host: str) -> Login | None:
        """The login for a registry. Raises RegistryError when a file is broken."""
        for path in self._files:
            document = read_config(path)
            helper = _helper_of(document, host)
            login = self._ask(helper, host) if helper else None
            login = login or _entry(document, host, path)
            if login:
                return login
        return None

    def _ask(self, helper: str, host: str) -> Login | None:
        try:
            status, said = self._run_helper(helper, "get", server_key(host))
            if status != 0:
                if "not found" not in said.lower():
                    self._warn(helper, host, said.strip()[:200] or f"it ended with status {status}")
                return None
            answer = json.loads(said)
            username, secret = str(answer["Username"]), str(answer["Secret"])
        except FileNotFoundError:
            self._warn(helper, host, "there is no such program")
            return None
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
            self._warn(helper, host, "it gave no readable answer")
            return None
        return Login(identity_token=secret) if username == "<token>" else Login(username, secret)

    def _warn(self, helper: str, host: str, cause: str) -> None:
        self._listener(Warned(f"cannot ask `docker-credential-{helper}` about `{host}`: {cause}"))


def remember(path: Path, registry: str, login: Login, *, run_helper: RunHelper = _run_helper) -> str:
    """Keep a login for ``registry``: with the helper that ``path`` names, else in ``path``. Says where it went."""
    document = read_config(path)
    if helper := _helper_of(document, registry):
        secret = login.identity_token or login.password
        user = "<token>" if login.identity_token else login.username
        asked = json.dumps({"ServerURL": server_key(registry), "Username": user, "Secret": secret})
        _call(run_helper, helper, "store", asked)
        return f"docker-credential-{helper}"
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    entry = {"auth": pair} if not login.identity_token else {"auth": pair, "identitytoken": login.identity_token}
    auths = {k: v for k, v in document.get("auths", {}).items() if not _matches(k, registry)}
    _write(path, {**document, "auths": {**auths, server_key(registry): entry}})
    return str(path)


def forget(path: Path, registry: str, *, run_helper: RunHelper = _run_helper) -> bool:
    """Drop the login for ``registry``; False when there was none."""
    document = read_config(path)
    if helper := _helper_of(document, registry):
        _call(run_helper, helper, "erase", server_key(registry))
        return True
    auths = document.get("auths", {})
    kept = {k: v for k, v in auths.items() if not _matches(k, registry)}
    if len(kept) == len(auths):
        return False
    _write(path, {**document, "auths": kept})
    return True


def _call(run_helper: RunHelper, helper: str, action: str, text: str) -> None:
    try:
        status, said = run_helper(helper, action, text)
    except (OSError, subprocess.SubprocessError) as error:
        raise RegistryError(f"cannot run `docker-credential-{helper} {action}`: it is not installed") from error
    if status != 0:
        raise RegistryError(f"cannot run `docker-credential-{helper} {action}`: {said.strip()[:200] or status}")


def read_config(path: Path) -> dict[str, Any]:
    """A config file as JSON; empty when there is none. Raises RegistryError when it is broken."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise RegistryError(f"cannot read logins `{path}`: {error.strerror}") from error
    try:
        document = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"cannot read logins `{path}`: it is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("auths", {}), dict):
        raise RegistryError(f"cannot read logins `{path}`: it is not of the form of docker's config.json")
    return document


def _helper_of(document: dict[str, Any], host: str) -> str | None:
    helpers = document.get("credHelpers") or {}
    named = next((str(v) for k, v in helpers.items() if _matches(k, host)), None) if isinstance(helpers, dict) else None
    found = named or str(document.get("credsStore") or "")
    # The name becomes part of a program's name: nothing that leads to another directory.
    return found if found and "/" not in found else None


def _matches(key: str, host: str) -> bool:
    name = urlsplit(key).netloc if "://" in key else key.partition("/")[0]
    return name == host or (name in _HUB_NAMES and host in _HUB_NAMES)


def _entry(document: dict[str, Any], host: str, path: Path) -> Login | None:
    for key, value in document.get("auths", {}).items():
        if not isinstance(value, dict) or not _matches(key, host):
            continue
        username, password = str(value.get("username") or ""), str(value.get("password") or "")
        if value.get("auth"):
            try:
                pair = base64.b64decode(str(value["auth"]), validate=True).decode().rstrip("\0")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise RegistryError(f"cannot read logins `{path}`: the entry for `{host}` is not base64") from error
            username, _, password = pair.partition(":")
        login = Login(username, password, str(value.get("identitytoken") or ""), str(value.get("registrytoken") or ""))
        if login != Login():
            return login
    return None


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        path = path.resolve()  # a link stays a link
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # 0600 from the start
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(document, file, indent="\t")
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise RegistryError(f"cannot write logins `{path}`: {error.strerror}") from error
