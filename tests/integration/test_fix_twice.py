"""Over every Dockerfile at hand: fixing never crashes, leaves a file that can be read, and done twice is done once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lissom.api.fix import fix_text
from lissom.api.lint_context import context_of
from lissom.api.lint_target import Target
from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source
from lissom.errors import DockerfileError
from lissom.lint.fix import Safety
from lissom.lint.settings import Settings

DATA = Path(__file__).parents[1] / "data"
ROOT = DATA.parents[1]
CORPUS = Path(os.environ.get("LISSOM_CORPUS", "/nonexistent"))
FILES = sorted(
    path
    for place in (DATA / "dockerfile", DATA / "dockerfile-parse", DATA / "article", ROOT / "examples", CORPUS)
    for path in place.rglob("*ockerfile*")
    if path.is_file()
)
PARTS = 8
ALL = Settings(select=("all",))


@pytest.mark.parametrize("allowed", [(Safety.SAFE,), tuple(Safety)], ids=["safe", "all"])
@pytest.mark.parametrize("part", range(PARTS))
def test_fixing_twice_changes_nothing_more(part, allowed):
    looked_at = 0
    for path in FILES[part::PARTS]:
        try:
            dockerfile = parse(path.read_bytes(), str(path))
        except DockerfileError:
            continue
        facts, _ = context_of(dockerfile, Target(str(path), path, path.parent, guessed=True))
        once = fix_text(dockerfile.source, ALL, facts, allowed=allowed)
        parse(once.draft.text, str(path))
        beside = once.draft.files
        again = fix_text(Source(str(path), once.draft.text), ALL, facts, allowed=allowed, files=beside)
        assert again.draft == once.draft, path
        looked_at += 1
    assert looked_at > 50
