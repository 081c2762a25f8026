"""Where a store may be: a directory of one's own that holds a layout, or nothing yet."""

from __future__ import annotations

import os
from pathlib import Path

from lissom.errors import StoreError

__all__ = ["check_place"]

_HARMLESS = {"lost+found"}


def check_place(root: Path) -> None:
    """Raise StoreError when ``root`` belongs to another user, cannot be written or holds something else."""
    try:
        status = root.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot open store `{root}`: {error.strerror}") from error
    if not root.is_dir():
        raise StoreError(f"cannot open store `{root}`: it is not a directory")
    _check_owner(root, status)
    if not os.access(root, os.W_OK | os.X_OK | os.R_OK):
        raise StoreError(
            f"cannot open store `{root}`: it cannot be written", hint="--root or LISSOM_ROOT names another place"
        )
    if not (root / "oci-layout").exists() and not (root / "lissom").exists() and set(os.listdir(root)) - _HARMLESS:
        raise StoreError(
            f"cannot open store `{root}`: the directory holds other files",
            hint="name an empty directory, one that does not exist yet, or an OCI layout",
        )


def _check_owner(root: Path, status: os.stat_result) -> None:
    me = os.geteuid()
    private = root / "lissom"
    if private.exists():
        status = private.stat()
    elif me == 0:
        return
    if status.st_uid != me:
        raise StoreError(
            f"cannot open store `{root}`: it belongs to user {status.st_uid}, this is user {me}",
            hint="--root or LISSOM_ROOT names a store of your own",
        )
