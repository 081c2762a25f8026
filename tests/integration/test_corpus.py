"""Real applications: each app of the corpus is built by lissom and must still do what it has to do.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images. The checks run in docker.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle import engine
from oracle.builders import lissom_command

CORPUS = Path(os.environ.get("LISSOM_CORPUS", "/nonexistent"))
BASES = os.environ.get("LISSOM_CORPUS_BASES", "")
APPS = sorted(path.name for path in (CORPUS / "apps").iterdir()) if (CORPUS / "apps").is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.root,
    pytest.mark.docker,
    pytest.mark.network,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not APPS, reason="LISSOM_CORPUS does not name the corpus"),
    pytest.mark.skipif(not BASES, reason="LISSOM_CORPUS_BASES does not name an OCI layout of the corpus bases"),
]


@pytest.fixture(scope="module")
def corpus_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has the bases under the names that the Dockerfiles use."""
    named = os.environ.get("LISSOM_CORPUS_STORE")
    root = Path(named) if named else tmp_path_factory.mktemp("corpus") / "store"
    import json

    for each in json.loads((Path(BASES) / "index.json").read_text())["manifests"]:
        tag = (each.get("annotations") or {}).get("org.opencontainers.image.ref.name")
        if tag:
            lissom(root, "copy", f"oci:{BASES}:{tag}", tag)
    return root


def lissom(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [*lissom_command(), "--root", str(root), "--progress", "plain", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"lissom {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"


@pytest.mark.parametrize("app", APPS or ["-"])
def test_app_builds_and_works(app: str, corpus_store: Path, docker: engine.Docker, tmp_path: Path) -> None:
    context = tmp_path / "context"
    subprocess.run([sys.executable, CORPUS / "build-apps", "--context", app, context], check=True, capture_output=True)
    image, archive = f"corpus/{app}:lissom", tmp_path / "image.tar"
    lissom(corpus_store, "build", "--host-settings", "-t", image, str(context))
    lissom(corpus_store, "save", image, "-o", str(archive))
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
