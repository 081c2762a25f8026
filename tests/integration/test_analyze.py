"""``lissom analyze`` and ``lissom diff`` of images that lissom built, and by an ordinary user."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ordinary import Ordinary


@pytest.mark.userns
def test_an_ordinary_user_sees_where_bytes_went(lone: Ordinary, base_archive: Path, tmp_path: Path) -> None:
    home = lone.home / tmp_path.name
    home.mkdir()
    shutil.copy(base_archive, home / "bases.tar")
    (home / "context").mkdir()
    (home / "context/Dockerfile").write_text("FROM busy:1\nCOPY a /a\nRUN chmod 600 /a\nRUN rm /a\n")
    (home / "context/a").write_bytes(b"a" * 70_000)
    lone.own(home)

    def lissom(*words: str) -> str:
        done = lone.lissom(*words, cwd=home, env={"HOME": str(home)})
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    lissom("load", "-q", "-i", "bases.tar")
    lissom("build", "-q", "-t", "app:1", "context")
    told = json.loads(lissom("analyze", "--json", "app:1", "--html", "app.html"))
    assert told["size"] == sum(layer["size"] for layer in told["layers"])
    (changed,) = (waste for waste in told["wastes"] if waste["kind"] == "rewritten")
    assert (changed["bytes"], changed["lines"], changed["hidden_by_lines"]) == (70_000, [2, 2], [3, 3])
    (gone,) = (waste for waste in told["wastes"] if waste["kind"] == "deleted")
    assert (gone["bytes"], gone["lines"], gone["hidden_by_lines"]) == (70_000, [3, 3], [4, 4])
    assert "app:1, byte by byte" in (home / "app.html").read_text()
    steps = json.loads(lissom("diff", "--steps", "--json", "app:1", "app:1"))["steps"]
    assert sum(step["after"] for step in steps) == told["size"]
