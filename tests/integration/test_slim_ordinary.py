"""`lissom slim` as an ordinary user, with subordinate ids and without: the same image as root's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ordinary import Ordinary
from slim_apps import Shelf

pytestmark = pytest.mark.userns


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """What root makes of ``web:1``, and an archive of that image."""
    shelf = Shelf.at(tmp_path_factory.mktemp("roots"))
    shelf.site("web:1", User="")
    shelf.slim("web:1", "--http", "/")
    shelf("save", "web:1", "-o", "web.tar")
    return shelf


@pytest.mark.parametrize("kind", ["mapped", "lone"])
def test_the_same_as_for_root(kind: str, roots: Shelf, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    user: Ordinary = request.getfixturevalue(kind)
    home = user.home / tmp_path.name
    home.mkdir()
    shutil.copy(roots.here / "web.tar", home / "web.tar")
    user.own(home)

    def lissom(*words: str) -> str:
        done = user.lissom("--root", home / "store", "--progress", "quiet", *words, cwd=home)
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, said
        return said

    lissom("load", "-q", "-i", "web.tar")
    said = lissom("slim", "web:1", "--http", "/", "--seccomp", "web.json", "--report", "web.html")
    assert "proof passes" in said
    lissom("copy", "web:1-slim", "oci:layout:x")
    from oracle.observe import from_oci_layout

    roots("copy", "web:1-slim", f"oci:{roots.here}/layout-{kind}:x")
    theirs, ours = from_oci_layout(home / "layout"), from_oci_layout(roots.here / f"layout-{kind}")
    assert theirs.tree == ours.tree
    assert theirs.config["config"] == ours.config["config"]
    assert "nobody links" in lissom("run", "--rm", "--entrypoint", "cat", "web:1-slim", "/www/unlinked.html")
    lissom("rm", "web:1", "web:1-slim")
    lissom("gc", "--keep-bytes", "0")
    assert not [*(home / "store/blobs/sha256").iterdir()]
