"""Fixtures that every test may use: a store, small images, the real command line, golden files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from lissom.image.image import Image, Layer
from lissom.image.layers import pack
from lissom.oci.reference import Reference
from lissom.rootfs.compress import Compression
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset
from lissom.store.store import Store

CONSOLE_SCRIPT = Path(sys.executable).with_name("lissom")
MTIME = 1_600_000_000

# How quick examples are made says how busy the machine is.
settings.register_profile("lissom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lissom")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite golden files; read the diff afterwards.")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.at(tmp_path / "store") as opened:
        yield opened


def changeset_of(files: Mapping[str, bytes | str | None]) -> Changeset:
    """A changeset of path → content; None is a directory, a text is what a symlink points to. Parents come along."""
    entries: dict[str, Entry] = {}
    for path, content in files.items():
        above = path
        while above := above.rpartition("/")[0]:
            entries.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755, mtime=MTIME))
        if content is None:
            entries[path] = Entry(path, Kind.DIRECTORY, 0o755, mtime=MTIME)
        elif isinstance(content, str):
            entries[path] = Entry(path, Kind.SYMLINK, 0o777, mtime=MTIME, link=content)
        else:
            entries[path] = Entry(path, Kind.FILE, 0o644, mtime=MTIME, size=len(content), content=Inline(content))
    return Changeset.of(entries.values())


def layer_of(
    store: Store, files: Mapping[str, bytes | str | None] | Changeset, compression: Compression | None = None
) -> Layer:
    """A layer of the store."""
    changeset = files if isinstance(files, Changeset) else changeset_of(files)
    with store.writer() as writer:
        return pack(changeset, writer, compression=compression or Compression(), timestamp=None)


@pytest.fixture
def image_of(store: Store) -> Callable[..., Image]:
    """Make an image of the store: one layer for each map of path → content, a name when ``name`` is given."""

    def make(*layers: Mapping[str, bytes | str | None], name: str | None = None, **config: Any) -> Image:
        stored = [layer_of(store, files) for files in layers]
        history = [{"created": "2020-09-13T12:26:40Z", "created_by": f"COPY {number}"} for number in range(len(stored))]
        document = {
            "created": "2020-09-13T12:26:40Z",
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "history": history,
        }
        image = Image.make(stored, document, store)
        if name:
            store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse(name))
        return image

    return make


@dataclass(frozen=True)
class Ran:
    """What a process of the console script did."""

    code: int
    out: str
    err: str
    raw: bytes


@pytest.fixture
def run_cli(tmp_path: Path) -> Callable[..., Ran]:
    """Run the real ``lissom`` in a process of its own, on the store that the ``store`` fixture opens."""

    def run(*arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path | None = None,
            check: bool = False) -> Ran:  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("LISSOM_", "NO_COLOR"))}
        environment |= {"LISSOM_ROOT": str(tmp_path / "store"), "COLUMNS": "120", **(env or {})}
        words: Sequence[str] = [str(CONSOLE_SCRIPT), *map(str, arguments)]
        done = subprocess.run(
            words, input=stdin, capture_output=True, env=environment, cwd=cwd or tmp_path, timeout=300, check=False
        )
        ran = Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(), done.stdout)
        assert not check or ran.code == 0, ran.err
        return ran

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare ``text`` with the file at ``path``; ``--update-golden`` writes it instead."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert text == (path.read_text() if path.exists() else ""), f"`{path}` differs; --update-golden rewrites it"

    return compare
