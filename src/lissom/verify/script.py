"""A user's own program as a probe: it runs on this machine and speaks to the container."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from lissom.verify.answer import Answer, Body
from lissom.verify.http import NoAnswerError

__all__ = ["run_script"]

_CHUNK = 1 << 16


def run_script(path: Path, environment: Mapping[str, str], *, timeout: float) -> Answer:
    """What the program wrote (both streams) and its exit status. Raises NoAnswerError when it cannot run or end."""
    try:
        child = subprocess.Popen(
            [path.absolute()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            process_group=0,
        )
    except OSError as error:
        raise NoAnswerError(
            f"cannot run `{path}`: {error.strerror}",
            hint="a script is executable and begins with #! and its interpreter",
        ) from error
    body = Body()
    with child:
        assert child.stdout is not None
        reader = threading.Thread(target=_read, args=(child.stdout, body), daemon=True)
        reader.start()
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise NoAnswerError(f"cannot run `{path}`: it did not end within {timeout:g} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            reader.join(1)
    return Answer(status if status >= 0 else 128 - status, (), body)


def _read(stream: BinaryIO, body: Body) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := os.read(stream.fileno(), _CHUNK):
            body.feed(data)
