"""lissom as a user with a home of their own runs it, and a small image to move."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from lissom.archive.layout import Layout
from lissom.image.image import Image, Layer, put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, MANIFEST, Descriptor
from lissom.oci.reference import Reference
from oracle.builders import lissom_command

Lissom = Callable[..., "subprocess.CompletedProcess[str]"]

_KEPT = ("PATH", "LANG", "PYTHONPATH", "TMPDIR")


def lissom_of(folder: Path) -> Lissom:
    """Run lissom with ``home`` and ``store`` below a folder; keywords are more of its environment."""
    (folder / "home").mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*lissom_command(), "--root", str(folder / "store"), *arguments],
            input=stdin, capture_output=True, text=True, timeout=120, check=False,
            env={**kept, "HOME": str(folder / "home"), **environment},
        )  # fmt: skip

    return run


def passed(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed that has to succeed."""
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def small_layout(folder: Path) -> Path:
    """A layout directory with an image of one small layer."""
    place, files = Layout.create(folder / "layout"), io.BytesIO()
    with tarfile.open(fileobj=files, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("file"), io.BytesIO())
    data = gzip.compress(files.getvalue(), mtime=0)
    layer = Descriptor(LAYER_GZIP, Digest.of(data), len(data))
    put_bytes(place, layer, data)
    image = Image.make([Layer(layer, Digest.of(files.getvalue()))], {"architecture": "amd64", "os": "linux"}, place)
    place.put_manifest(image.manifest.raw, MANIFEST, Reference.parse("app:1"))
    return folder / "layout"
