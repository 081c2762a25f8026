"""A root file system of one static busybox."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

APPLETS = "sh id ls cat mount umount unshare touch sleep echo grep hostname rm mkdir stat ip ulimit chown mknod pwd wc kill true env ln test readlink mv nc seq"


def make_root(place: Path) -> Path:
    busybox = shutil.which("busybox")
    if not busybox or b"statically" not in subprocess.run(["file", busybox], capture_output=True, check=False).stdout:
        pytest.skip("needs a static busybox")
    for path in ("bin", "etc", "tmp", "root", "var/empty"):
        (place / path).mkdir(parents=True)
    shutil.copy(busybox, place / "bin/busybox")
    for name in APPLETS.split():
        (place / "bin" / name).symlink_to("busybox")
    (place / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n")
    for path in ("etc", "var", ""):
        os.utime(place / path, (1000, 1000))
    return place
