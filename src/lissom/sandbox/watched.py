"""Let whoever started this process see its system calls. Runs in the sandbox: imports are rationed."""

from __future__ import annotations

import errno
import os
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Any

from lissom.sandbox import kernel

__all__ = ["begin"]


def begin(watch: Mapping[str, Any]) -> None:
    """Say on the socket ``channel`` that this process is there, wait until it is followed, install ``program``."""
    channel = watch["channel"]
    os.write(channel, b"r")
    followed = os.read(channel, 1)
    os.close(channel)
    if not followed:
        raise OSError(errno.EPERM, "cannot watch the process: nobody may follow it")
    kernel.filter_calls(a2b_base64(watch["program"]))
