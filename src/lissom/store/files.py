"""Files of the store: replaced whole or not at all, and errors that say what is full."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lissom.errors import IntegrityError, StoreError

__all__ = ["fresh", "read_json", "remove_tree", "storing", "sync_directory", "write_json", "write_whole"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def storing(root: Path, what: str) -> Iterator[None]:
    """Turn an operating system's error into a StoreError; a full disk is told with the space that is left."""
    try:
        yield
    except OSError as error:
        raise _told(root, what, error) from error
    except StoreError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _FULL:
            raise _told(root, what, cause) from error
        raise


def _told(root: Path, what: str, error: OSError) -> StoreError:
    if error.errno in _FULL:
        free = -1
        with suppress(OSError):
            usage = os.statvfs(root)
            free = usage.f_bavail * usage.f_frsize
        return StoreError(
            f"cannot write {what} into store `{root}`: {error.strerror} ({free} bytes are free)",
            hint="`lissom gc --keep-bytes 0` frees what is not in use, --root names a store on another disk",
        )
    if error.errno == errno.EROFS:
        return StoreError(f"cannot write {what} into store `{root}`: the file system is read-only")
    place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, (str, bytes)) else ""
    return StoreError(f"cannot write {what} into store `{root}`: {error.strerror or error}{place}")


def fresh(directory: Path, prefix: str = "") -> Path:
    """A path in ``directory`` that nobody else uses."""
    return directory / f"{prefix}{os.getpid()}-{secrets.token_hex(8)}"


def write_whole(path: Path, data: bytes, temporary: Path, *, durable: bool = True) -> None:
    """Write ``data`` to ``path`` so that a reader, or a machine that comes back, sees all of it or what was before."""
    scratch = fresh(temporary)
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(descriptor)
        os.rename(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(path.parent)


def write_json(path: Path, document: Any, temporary: Path, *, durable: bool = True) -> None:
    """Write a JSON document whole."""
    write_whole(path, json.dumps(document, separators=(",", ":")).encode(), temporary, durable=durable)


def read_json(path: Path) -> Any | None:
    """A JSON document, None when there is no such file. Raises IntegrityError for a damaged one."""
    try:
        data = path.read_bytes()
        # A power cut leaves a file empty that was not synced: it is as good as not there.
        return json.loads(data) if data else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise IntegrityError(f"cannot read `{path}`: it is not JSON ({error})") from error


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a directory and all below it, whatever its modes; links are not followed. Missing is fine."""
    with suppress(FileNotFoundError):
        parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _remove_at(parent, path.name)
        finally:
            os.close(parent)


def _remove_at(parent: int, name: str) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        directory = os.open(name, flags, dir_fd=parent)
    except NotADirectoryError:
        os.unlink(name, dir_fd=parent)
        return
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=parent)
        directory = os.open(name, flags, dir_fd=parent)
    try:
        _empty(directory)
    finally:
        os.close(directory)
    os.rmdir(name, dir_fd=parent)


def _empty(directory: int) -> None:
    opened = False
    with os.scandir(directory) as found:
        children = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    for name, is_directory in children:
        try:
            _drop(directory, name, is_directory=is_directory)
        except PermissionError:
            if opened:
                raise
            # An ordinary user cannot unlink below a directory of mode 0555; root never comes here.
            os.fchmod(directory, 0o700)
            opened = True
            _drop(directory, name, is_directory=is_directory)


def _drop(directory: int, name: str, *, is_directory: bool) -> None:
    if is_directory:
        _remove_at(directory, name)
    else:
        os.unlink(name, dir_fd=directory)
