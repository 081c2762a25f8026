"""Waste that people marked by hand, and good files in which there is none to be named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lissom.api.fix import fix_text
from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source
from lissom.lint.fix import Safety
from lissom.lint.lint import lint
from lissom.lint.rule import Category, Severity
from lissom.lint.settings import Settings
from lissom.lint.views import subject_of

_DATA = Path(__file__).parents[2] / "data" / "waste"
_NAMES = sorted(path.stem for path in _DATA.glob("*.Dockerfile"))
_NAMED_BY = {
    "add-archive": "unpack-with-add",
    "apk-cache": "apk-cache",
    "apt-lists": "apt-lists|apt-update-alone",
    "apt-recommends": "apt-recommends",
    "apt-split": "apt-update-alone|join-runs",
    "apt-upgrade": "system-upgrade",
    "archive-left": "download-left|deleted-later",
    "build-tools": "build-tools|apk-build-packages|single-stage",
    "cache-order": "copy-before-install|cache-order",
    "chmod": "rewritten|world-writable",
    "chown": "rewritten",
    "composer-dev": "dev-dependencies",
    "context": "dockerignore|idle-copy",
    "copies-all": "whole-stage",
    "debug": "debug-build",
    "deleted-in-vain": "late-removal|deleted-later",
    "deleted-later": "deleted-later|late-removal",
    "dev-deps": "dev-dependencies",
    "dnf-cache": "dnf-cache|yum-cache",
    "duplicate": "duplicate-copy",
    "editors": "tools-left",
    "fat-base": "fat-base|single-stage",
    "gem-cache": "bundler-cache",
    "maven-repo": "maven-cache",
    "rewritten": "rewritten|late-removal",
    "secret": "copied-secret|secret-variable|secret-in-run",
    "secret-rm": "late-removal",
    "vcs": "git-history|deleted-later",
}
"""The rules that name a kind of waste; the others have a rule of the same name."""

_MISSED = frozenset(
    {
        ("dotnet-bad", 10, "copies-all"),  # one directory holds two outputs of the build
        ("tomcat", 4, "duplicate"),  # named at line 3, which brings the archive
    }
)


@cache
def _found(name: str) -> tuple[tuple[str, int, Category, Severity], ...]:
    source = (_DATA / f"{name}.Dockerfile").read_bytes().decode()
    dockerfile = parse(source, name)
    return tuple(
        (one.rule.code, dockerfile.source.line_col(one.span.start)[0], one.rule.category, one.severity)
        for one in lint(subject_of(dockerfile))
    )


def _marks() -> Iterator[tuple[str, int, str]]:
    for line in (_DATA / "marks.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, number, *kinds = line.split()
            yield from ((name, int(number), kind) for kind in kinds)


def test_every_mark_but_the_known_ones_is_named_on_its_line() -> None:
    marks = list(_marks())
    missed = {
        (name, number, kind)
        for name, number, kind in marks
        if not any(
            line == number and re.fullmatch(_NAMED_BY.get(kind, kind), code) for code, line, _, _ in _found(name)
        )
    }
    assert missed == _MISSED
    assert len(marks) > 450
    assert {name for name, _, _ in marks} < set(_NAMES)


@pytest.mark.parametrize("name", sorted(set(_NAMES) - {name for name, _, _ in _marks()}))
def test_nothing_of_size_is_found_in_good_files_but_hints(name: str) -> None:
    told = [(code, line) for code, line, category, severity in _found(name) if _is_loud(category, severity)]
    assert told == []


def _is_loud(category: Category, severity: Severity) -> bool:
    return category in (Category.SIZE, Category.SPEED) and severity is not Severity.INFO


@pytest.mark.parametrize("allowed", [(Safety.SAFE,), tuple(Safety)], ids=["safe", "all"])
@pytest.mark.parametrize("name", _NAMES)
def test_fixing_twice_changes_nothing_more(name: str, allowed: tuple[Safety, ...]) -> None:
    text = (_DATA / f"{name}.Dockerfile").read_bytes().decode()
    fixed = fix_text(Source(name, text), Settings(), None, allowed=allowed).draft
    again = fix_text(Source(name, fixed.text), Settings(), None, allowed=allowed, files=fixed.files).draft
    assert again.text == fixed.text
    assert ("\r\n" in text) == ("\r\n" in fixed.text) == (fixed.text.count("\n") == fixed.text.count("\r\n"))
