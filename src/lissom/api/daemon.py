"""The docker daemon as a place for images, through its own program: ``docker save`` and ``docker load``."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from lissom.errors import RegistryError

__all__ = ["loading", "saved"]

_HINT = "is the docker daemon running, and may you use it?"


@contextmanager
def saved(name: str, scratch: Path) -> Iterator[BinaryIO]:
    """What ``docker save NAME`` writes, as a file one can seek in. Raises RegistryError."""
    with tempfile.TemporaryFile(dir=scratch) as file:
        try:
            done = subprocess.run(["docker", "save", name], stdout=file, stderr=subprocess.PIPE, check=False)
        except FileNotFoundError as error:
            raise _missing(f"cannot read `docker-daemon:{name}`") from error
        if done.returncode != 0:
            raise RegistryError(f"cannot read `docker-daemon:{name}`: {_last_line(done.stderr)}", hint=_HINT)
        file.seek(0)
        yield cast("BinaryIO", file)


@contextmanager
def loading(name: str) -> Iterator[BinaryIO]:
    """Where to write an archive that ``docker load`` reads; the image is there when the block ends."""
    with tempfile.TemporaryFile() as errors:
        try:
            child = subprocess.Popen(
                ["docker", "load", "-q"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
            )
        except FileNotFoundError as error:
            raise _missing(f"cannot write `docker-daemon:{name}`") from error
        assert child.stdin is not None
        try:
            yield cast("BinaryIO", child.stdin)
            child.stdin.close()
        except BrokenPipeError:
            pass  # the program says why on its way out
        except BaseException:
            child.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                child.stdin.close()
            status = child.wait()
        if status != 0:
            errors.seek(0)
            raise RegistryError(f"cannot write `docker-daemon:{name}`: {_last_line(errors.read())}", hint=_HINT)


def _missing(what: str) -> RegistryError:
    return RegistryError(f"{what}: the docker program is not installed", hint="write docker-archive:FILE instead")


def _last_line(raw: bytes) -> str:
    lines = raw.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "docker failed and does not say why"
