"""Credential helpers: programs named ``docker-credential-NAME`` that keep logins for others.

Their protocol: ``get``, ``store`` or ``erase`` as argument, the server or JSON on stdin, JSON on stdout.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO

from lissom.errors import RegistryError
from lissom.registry.logins.login import Login

__all__ = ["RunHelper", "erase_login", "get_login", "is_helper_name", "program_of", "run_helper", "store_login"]

_SECONDS = 60.0
_LONGEST_ANSWER = 1 << 20
_NONE = ("credentials not found", "no credentials server url")
_TOKEN_USER = "<token>"  # noqa: S105 - what helpers call an identity token's user

RunHelper = Callable[[str, str, str], tuple[int, str]]
"""Run helper NAME with an action and a text on stdin; its status and what it said. Raises OSError, TimeoutError."""


def program_of(name: str) -> str:
    """The program that a configuration means by a helper's name."""
    return f"docker-credential-{name}"


def is_helper_name(name: object) -> bool:
    """Whether ``name`` makes a program's name: nothing that leads to another directory."""
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) is not None


def run_helper(name: str, action: str, text: str, *, seconds: float = _SECONDS) -> tuple[int, str]:
    """Run a helper from the PATH, away from the terminal: it cannot ask there and make a script wait."""
    child = subprocess.Popen(
        [program_of(name), action],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdin
    assert child.stdout
    assert child.stderr
    try:
        _tell(child.stdin, text)
        end = time.monotonic() + seconds
        out, complaints = _listen((child.stdout, child.stderr), end)
        return child.wait(max(0.0, end - time.monotonic())), (out or complaints).decode("utf-8", "replace")
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"no answer within {seconds:g} s") from error
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        child.stdout.close()
        child.stderr.close()


def get_login(run: RunHelper, name: str, server: str) -> Login | None:
    """The login that a helper has for a server, None when it has none. Raises RegistryError with the cause alone."""
    try:
        status, said = run(name, "get", server)
    except FileNotFoundError as error:
        raise RegistryError("there is no such program") from error
    except TimeoutError as error:
        raise RegistryError(str(error)) from error
    except OSError as error:
        raise RegistryError(f"it cannot be run: {error.strerror}") from error
    if status != 0:
        if said.strip().lower().startswith(_NONE):
            return None
        raise RegistryError(_line(said) or f"it ended with status {status}")
    try:
        answer = json.loads(said)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RegistryError("it gave no readable answer") from error
    if not isinstance(username, str) or not isinstance(secret, str):
        raise RegistryError("it gave no readable answer")
    if username == _TOKEN_USER:
        return Login(identity_token=secret, kept_in=program_of(name))
    return Login(username, secret, kept_in=program_of(name)) if username else None


def store_login(run: RunHelper, name: str, server: str, login: Login) -> None:
    """Give a login to a helper. Raises RegistryError."""
    user, secret = (_TOKEN_USER, login.identity_token) if login.identity_token else (login.username, login.password)
    _call(run, name, "store", json.dumps({"ServerURL": server, "Username": user, "Secret": secret}), login)


def erase_login(run: RunHelper, name: str, server: str) -> bool:
    """Let a helper forget a server; False when it did not know it. Raises RegistryError."""
    try:
        _call(run, name, "erase", server, Login())
    except RegistryError as error:
        if any(none in error.message.lower() for none in _NONE):
            return False
        raise
    return True


def _call(run: RunHelper, name: str, action: str, text: str, login: Login) -> None:
    what = f"cannot run `{program_of(name)} {action}`"
    try:
        status, said = run(name, action, text)
    except FileNotFoundError as error:
        hint = "install it, or take its name out of the file of logins"
        raise RegistryError(f"{what}: it is not installed", hint=hint) from error
    except TimeoutError as error:
        raise RegistryError(f"{what}: {error}") from error
    except OSError as error:
        raise RegistryError(f"{what}: {error.strerror}") from error
    if status != 0:
        for secret in login.secrets:
            said = said.replace(secret, "…")
        raise RegistryError(f"{what}: {_line(said) or f'it ended with status {status}'}")


def _tell(stdin: IO[bytes], text: str) -> None:
    try:
        stdin.write(text.encode())
        stdin.close()
    except BrokenPipeError:
        pass  # what it says without having read will be told


def _listen(pipes: tuple[IO[bytes], IO[bytes]], end: float) -> list[bytes]:
    """What comes from pipes until both are closed. Raises TimeoutExpired; ends early when there is too much."""
    heard = {pipe: bytearray() for pipe in pipes}
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and all(len(one) < _LONGEST_ANSWER for one in heard.values()):
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired("helper", 0)
            for pipe in [pipe for pipe in pipes if pipe in {key.fileobj for key, _ in ready}]:
                piece = os.read(pipe.fileno(), 1 << 16)
                heard[pipe] += piece
                if not piece:
                    selector.unregister(pipe)
    return [bytes(one) for one in heard.values()]


def _line(said: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", said).strip()[:200]
