"""A single stage becomes two as the cases in tests/data/stages say, and where it does not, the reason is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.lint.context_facts import context_facts
from lissom.lint.fix import Equivalence, Safety
from lissom.lint.rule import Found, Severity
from lissom.lint.rules.single_stage import RULE
from lissom.lint.subject import ContextFacts
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree

DATA = Path(__file__).parents[2] / "data" / "stages"
CASES = sorted(path for path in DATA.iterdir() if (path / "fixed.Dockerfile").exists())
REFUSED = sorted(path for path in DATA.iterdir() if not (path / "fixed.Dockerfile").exists())
by_name = {"ids": lambda path: path.name}


def facts(text: str) -> ContextFacts:
    """Files of a context: a line each, behind the path their size, or their text as a JSON string."""
    entries = {"": Entry("", Kind.DIRECTORY, 0o755)}
    for line in text.splitlines():
        path, _, rest = line.partition(" ")
        above = parent_of(path)
        while above and above not in entries:
            entries[above] = Entry(above, Kind.DIRECTORY, 0o755)
            above = parent_of(above)
        value = json.loads(rest)
        data = value.encode() if isinstance(value, str) else b""
        entries[path] = Entry(path, Kind.FILE, size=len(data) or value, content=Inline(data))
    return context_facts(Tree(dict(sorted(entries.items()))), None)


def found(text: str, context: str = "", settings: dict[str, object] | None = None) -> list[Found]:
    return list(RULE.check(subject_of(parse(text), context=facts(context), settings=settings)))


def look(case: Path) -> tuple[str, list[Found]]:
    text = (case / "Dockerfile").read_text()
    return text, found(text, (case / "context.txt").read_text())


@pytest.mark.parametrize("case", CASES, **by_name)
def test_a_stage_is_split_as_written_down(case):
    text, [one] = look(case)
    assert one.fix is not None, one.message
    assert (one.fix.safety, one.fix.equivalence) == (Safety.UNSAFE, Equivalence.E3)
    fixed = parse(text).source.apply(one.fix.edits)
    assert fixed == (case / "fixed.Dockerfile").read_text()
    assert found(fixed, (case / "context.txt").read_text()) == []


@pytest.mark.parametrize("case", REFUSED, **by_name)
def test_what_is_not_understood_is_left_with_the_reason(case):
    _, [one] = look(case)
    assert one.fix is None
    assert one.severity is Severity.INFO
    assert one.message == (case / "reason.txt").read_text().strip()
