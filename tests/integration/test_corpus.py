"""Real applications: each app of the corpus is built by lissom and must still do what it has to do.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images. The checks run in docker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from oracle import engine
from oracle.builders import lissom_command
from oracle.registry import running

CORPUS = Path(os.environ.get("LISSOM_CORPUS", "/nonexistent"))
BASES = os.environ.get("LISSOM_CORPUS_BASES", "")
APPS = sorted(path.name for path in (CORPUS / "apps").iterdir()) if (CORPUS / "apps").is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.root,
    pytest.mark.docker,
    pytest.mark.registry,
    pytest.mark.network,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not APPS, reason="LISSOM_CORPUS does not name the corpus"),
    pytest.mark.skipif(not BASES, reason="LISSOM_CORPUS_BASES does not name an OCI layout of the corpus bases"),
]


@dataclass(frozen=True)
class Corpus:
    """A store to build in, and the flags that lead each base's name to the registry that serves it."""

    store: Path
    flags: list[str]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """The bases in a real registry; the store has none of them before the first build."""
    directory = tmp_path_factory.mktemp("corpus")
    index = json.loads((Path(BASES) / "index.json").read_text())
    tags = [(each.get("annotations") or {}).get("org.opencontainers.image.ref.name") for each in index["manifests"]]
    flags = []
    with running(directory) as host:
        for tag in filter(None, tags):
            lissom(directory / "pusher", "copy", f"oci:{BASES}:{tag}", f"docker://{host}/{tag}")
            flags += ["--build-context", f"{tag}=docker-image://{host}/{tag}"]
        yield Corpus(directory / "store", flags)


def lissom(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [*lissom_command(), "--root", str(root), "--progress", "plain", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"lissom {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"


@pytest.mark.parametrize("app", APPS or ["-"])
def test_app_builds_and_works(app: str, corpus: Corpus, docker: engine.Docker, tmp_path: Path) -> None:
    context = tmp_path / "context"
    subprocess.run([sys.executable, CORPUS / "build-apps", "--context", app, context], check=True, capture_output=True)
    image, archive = f"corpus/{app}:lissom", tmp_path / "image.tar"
    lissom(corpus.store, "build", "--host-settings", *corpus.flags, "-t", image, str(context))
    lissom(corpus.store, "save", image, "-o", str(archive))
    docker.check("load", "-i", str(archive))
    archive.unlink()
    try:
        done = subprocess.run(
            [sys.executable, CORPUS / "check-app", app, image, "--engine", docker.program],
            capture_output=True,
            text=True,
            check=False,
            env=docker.environment,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    finally:
        docker.run(["rmi", "-f", image])
