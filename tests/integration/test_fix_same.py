"""Over the differential suite: what fixes of the text alone make builds to the image that was there before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lissom.api.build import build
from lissom.api.build_request import BuildRequest
from lissom.api.diff import diff
from lissom.api.fix import fix_text
from lissom.api.fix_equal import Allowance
from lissom.api.lint_context import context_of
from lissom.api.lint_target import Target
from lissom.api.world import World
from lissom.dockerfile.parser import decode, parse
from lissom.dockerfile.source import Source
from lissom.lint.repair import repaired
from lissom.lint.settings import Settings
from lissom.oci.reference import Reference
from local_world import local_world
from oracle.cases import CASES, Case

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

PLAIN = {"summary", "base", "newer", "patch", "why", "alone", "volatile", "loose"}
NAMES = sorted(
    path.name
    for path in CASES.iterdir()
    if (path / "Dockerfile").exists() and set(Case.load(path).settings) <= PLAIN
)  # fmt: skip
PARTS = 8


@pytest.fixture(scope="module")
def world(store: Path) -> Iterator[World]:
    with local_world(store) as opened:
        yield opened


@pytest.mark.parametrize("part", range(PARTS))
def test_safe_fixes_change_nothing_but_what_they_say(world, tmp_path, part):
    for name in NAMES[part::PARTS]:
        work = tmp_path / name
        work.mkdir()
        context = Case.load(CASES / name).prepare(work, oracle=False)
        path = context / "Dockerfile"
        original = Source("Dockerfile", decode(path.read_bytes(), "Dockerfile"))
        source = repaired(original) or original
        facts, _ = context_of(parse(source.text), Target("Dockerfile", path, context, guessed=False))
        done = fix_text(source, Settings(select=("all",)), facts)
        if done.draft.text == original.text:
            continue
        request = BuildRequest(str(context), dockerfile=str(path), network="none")
        tags = [f"same/{name.lower()}:{word}" for word in ("before", "after")]
        build(replace(request, tags=(Reference.parse(tags[0]),)), world)
        fixed = work / "Dockerfile"
        fixed.write_text(done.draft.text, encoding="utf-8", errors="surrogateescape", newline="")
        ignore = context / ".dockerignore"
        (work / "Dockerfile.dockerignore").write_text(ignore.read_text() if ignore.exists() else "")
        build(replace(request, dockerfile=str(fixed), tags=(Reference.parse(tags[1]),)), world)
        found = diff(world, *tags)
        allowance = Allowance.of(one.fix for one in done.made)
        assert found.config == (), name
        faults = [c.path for c in found.files if c.after is not None or not allowance.lets_go(c.path)]
        assert faults == [], f"{name}\n{done.draft.text}"
