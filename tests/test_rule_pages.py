"""The pages below docs/rules say what the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lissom.lint.rules.all import RULES
from lissom.report.lint_rule_page import rule_page, rules_index

PLACE = Path(__file__).parents[1] / "docs" / "rules"
HINT = "run tools/rule-pages"


def test_there_is_a_page_for_each_rule_and_no_other() -> None:
    assert {path.stem for path in PLACE.glob("*.md")} == {rule.code for rule in RULES} | {"README"}, HINT


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_pages_are_in_step(rule) -> None:
    path = PLACE / f"{rule.code}.md"
    assert path.exists(), HINT
    assert path.read_text() == rule_page(rule), HINT


def test_the_table_is_in_step() -> None:
    assert (PLACE / "README.md").read_text() == rules_index(RULES), HINT
