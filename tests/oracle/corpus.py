"""The corpus of real applications: built by lissom in one store, checked in docker.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from oracle.builders import lissom_command
from oracle.engine import Docker
from oracle.registry import running

CORPUS = Path(os.environ.get("LISSOM_CORPUS", "/nonexistent"))
BASES = os.environ.get("LISSOM_CORPUS_BASES", "")
APPS = sorted(path.name for path in (CORPUS / "apps").iterdir()) if (CORPUS / "apps").is_dir() else []
MARKS = [
    pytest.mark.corpus,
    pytest.mark.root,
    pytest.mark.docker,
    pytest.mark.registry,
    pytest.mark.network,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not APPS, reason="LISSOM_CORPUS does not name the corpus"),
    pytest.mark.skipif(not BASES, reason="LISSOM_CORPUS_BASES does not name an OCI layout of the corpus bases"),
]


def each(cases: Sequence[tuple[str, ...]], *names: str) -> pytest.MarkDecorator:
    """One test for each case, whose first word is an app. One worker has all tests of an app and builds it once."""
    rows = [
        pytest.param(*case, id="-".join(case), marks=pytest.mark.xdist_group(case[0]))
        for case in cases or [("-",) * len(names)]
    ]
    return pytest.mark.parametrize(names, rows)


EACH_APP = each([(app,) for app in APPS], "app")


@dataclass(frozen=True)
class Corpus:
    """A store to build in, and the flags that lead each base's name to the registry that serves it."""

    directory: Path
    flags: list[str]
    built: set[str] = field(default_factory=set)
    slimmed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path) -> str:
        """Run lissom on the store."""
        return lissom(self.directory / "store", *arguments)

    def image(self, app: str) -> str:
        """The app's image, built when nobody did yet; its name in the store."""
        name = f"corpus/{app}:lissom"
        if app not in self.built:
            context = self.directory / app
            command = [sys.executable, CORPUS / "build-apps", "--context", app, context]
            subprocess.run(command, check=True, capture_output=True)
            self("build", "--host-settings", *self.flags, "-t", name, context)
            self.built.add(app)
        return name

    def slim(self, app: str, level: str) -> tuple[str, dict[str, Any]]:
        """The app slimmed by its own probes alone, when nobody did yet: its name in the store, and the account."""
        name = f"corpus/{app}:{level}"
        if name not in self.slimmed:
            flags = ["--probes", CORPUS / "apps" / app / "probe.json", "--level", level, "--patience", "3"]
            self.slimmed[name] = json.loads(self("slim", self.image(app), *flags, "-t", name, "--json"))
        return name, self.slimmed[name]

    @contextmanager
    def loaded(self, name: str, docker: Docker) -> Iterator[str]:
        """An image of the store in docker, for as long as the block lasts."""
        archive = self.directory / "image.tar"
        self("save", name, "-o", archive)
        docker.check("load", "-i", str(archive))
        archive.unlink()
        try:
            yield name
        finally:
            docker.run(["rmi", "-f", name])

    def check(self, app: str, name: str, docker: Docker) -> None:
        """The app's own checks of an image."""
        with self.loaded(name, docker) as image:
            command = [sys.executable, CORPUS / "check-app", app, image, "--engine", docker.program]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=docker.environment)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def lissom(root: Path, *arguments: str | Path) -> str:
    words = [*lissom_command(), "--root", str(root), "--progress", "plain", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = f"lissom {' '.join(map(str, arguments))}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    assert done.returncode == 0, said
    return done.stdout


@contextmanager
def serving(directory: Path) -> Iterator[Corpus]:
    """The bases in a real registry; the store has none of them before the first build."""
    index = json.loads((Path(BASES) / "index.json").read_text())
    tags = [(each.get("annotations") or {}).get("org.opencontainers.image.ref.name") for each in index["manifests"]]
    flags = []
    with running(directory) as host:
        for tag in filter(None, tags):
            lissom(directory / "pusher", "copy", f"oci:{BASES}:{tag}", f"docker://{host}/{tag}")
            flags += ["--build-context", f"{tag}=docker-image://{host}/{tag}"]
        yield Corpus(directory, flags)
