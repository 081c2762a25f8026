"""Each case of tests/data/dockerfile: lissom's image is the one that docker's builder makes.

``--record`` builds with a private docker daemon and writes what came of it; without it lissom builds and is judged
by that record: as root, as an ordinary user with subordinate ids, and some cases as one without. Users are made for
the run; ``--as-user NAME`` takes one that is there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oracle.builders import Outcome, describe, docker_builder, lissom_builder, run_case
from oracle.cases import Case, all_cases
from ordinary import Ordinary

CASES = all_cases()
BUG = 70


@pytest.fixture
def work(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    path = tmp_path / "work"
    path.mkdir()
    yield path
    if not request.config.getoption("--keep-work", default=False):
        shutil.rmtree(tmp_path, ignore_errors=True)


def few(cases: list[Case]) -> Iterator[Case]:
    """Every tenth case of each group, less those that differ for such a user."""
    seen: dict[str, int] = {}
    for case in cases:
        if not {"only", "alone"} & set(case.settings):
            seen[case.group] = seen.get(case.group, -1) + 1
            if seen[case.group] % 10 == 0:
                yield case


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.root
@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_same_as_docker(case: Case, work: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--record", default=False):
        record(case, work, request)
        return
    if os.geteuid() != 0:
        pytest.skip("needs root")
    store: Path = request.getfixturevalue("store")
    judge(case, run_case(case, work, lissom_builder(store), oracle=False))


@pytest.mark.userns
@pytest.mark.parametrize("case", [case for case in CASES if case.settings.get("only") != "root"], ids=by_name)
def test_same_as_ordinary_user(case: Case, user_store: tuple[Ordinary, Path]) -> None:
    judge_as(user_store, case)


@pytest.mark.userns
@pytest.mark.parametrize("case", list(few(CASES)), ids=by_name)
def test_same_as_lone_identity(case: Case, lone_store: tuple[Ordinary, Path]) -> None:
    judge_as(lone_store, case)


def judge_as(held: tuple[Ordinary, Path], case: Case) -> None:
    user, store = held
    work = user.home / case.name
    work.mkdir()
    judge(case, run_case(case, work, lissom_builder(store, user=user), oracle=False, user=user))
    shutil.rmtree(work)


@pytest.fixture(scope="session")
def user_store(mapped: Ordinary, base_archive: Path) -> tuple[Ordinary, Path]:
    return mapped, filled(mapped, base_archive)


@pytest.fixture(scope="session")
def lone_store(lone: Ordinary, base_archive: Path) -> tuple[Ordinary, Path]:
    return lone, filled(lone, base_archive)


def filled(user: Ordinary, archive: Path) -> Path:
    """A store of the user's with the suite's base images."""
    shutil.copy(archive, user.home / "bases.tar")
    loaded = user.lissom("--root", user.home / "store", "load", "-i", user.own(user.home / "bases.tar"))
    assert loaded.returncode == 0, loaded.stderr.decode()
    return user.home / "store"


def record(case: Case, work: Path, request: pytest.FixtureRequest) -> None:
    file = case.directory / "expect.json"
    if case.settings.get("newer") and case.fails:
        found: dict[str, Any] = {"exit": ["error"] * len(case.builds(oracle=True))}
    elif case.settings.get("newer") and not (case.directory / "oracle.Dockerfile").exists() and file.exists():
        pytest.skip("written by hand: docker 20.10 has not what this case is about")
    else:
        outcome = run_case(case, work, docker_builder(request.getfixturevalue("docker")), oracle=True)
        wanted = ["error" if build.fails else "ok" for build in case.builds(oracle=True)]
        assert outcome.exits == wanted, outcome.said[-1][-3000:]
        found = describe(case, outcome)
        for part, change in case.settings.get("patch", {}).items():
            found[part] = {**found[part], **change}
    file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


def judge(case: Case, outcome: Outcome) -> None:
    expected = case.expected
    assert expected is not None, "nothing is recorded for this case"
    said = outcome.said[-1][-3000:]
    assert BUG not in outcome.statuses, f"a bug in lissom\n{said}"
    assert outcome.exits == expected["exit"], said
    found = describe(case, outcome)
    for built in outcome.built:
        if built is not None:
            assert not built.broken(case.settings.get("leaks", [])), "an image that nothing may have"
    for secret in case.settings.get("leaks", []):
        assert not any(secret in text for text in outcome.said), f"{secret} is in what lissom prints"
    differences = [
        line
        for part in ("same", "config", "tree", "history")
        if part not in case.loose
        for line in compared(part, expected.get(part), found.get(part))
    ]
    unsaid = [phrase for phrase in case.settings.get("says", []) if phrase.lower() not in outcome.said[-1].lower()]
    differences += [f"says: no {phrase!r} in {said}" for phrase in unsaid]
    assert not differences, "\n" + "\n".join(differences)


def compared(part: str, wanted: Any, found: Any) -> list[str]:
    """The differences of one part, a line each."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [
            f"{part}: {key!a}: want {wanted.get(key, '(nothing)')!a}, have {found.get(key, '(nothing)')!a}"
            for key in sorted({*wanted, *found})
            if wanted.get(key) != found.get(key)
        ]
    return [] if wanted == found else [f"{part}: want {wanted!r}, have {found!r}"]
