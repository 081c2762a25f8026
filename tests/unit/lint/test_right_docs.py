"""The page that compares lissom with hadolint and docker's build checks says what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

from lissom.lint.page import Page
from lissom.lint.rules.all import RULES

PAGE = (Path(__file__).parents[3] / "docs" / "linting-hadolint.md").read_text()
CHECKS = 22
LAST = 67  # of hadolint 2.15's DL30xx


def rows(title: str) -> list[list[str]]:
    part = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_alias_of_hadolints_is_there_with_its_rule_and_its_difference():
    expected = [
        [
            alias,
            f"`{rule.code}`" + ("" if rule.default else " (off)"),
            Page.parse(rule.page).hadolint.replace("|", "\\|"),
        ]
        for rule in RULES
        for alias in rule.aliases
        if alias.startswith("DL")
    ]
    assert rows("hadolint's rules that lissom has") == sorted(expected)
    assert all(difference for _, _, difference in expected)


def test_every_rule_of_hadolints_is_on_the_page():
    told = {name for row in rows("hadolint's rules that lissom has") for name in [row[0]]}
    left = {name for row in rows("hadolint's rules that lissom has not") for name in re.findall(r"DL\d{4}", row[0])}
    assert not told & left
    known = {f"DL30{number:02}" for number in range(LAST + 1)} | {f"DL400{number}" for number in (0, 1, 3, 4, 5, 6)}
    assert told | left == known | {"DL1000", "DL1001"}


def test_every_check_of_dockers_is_there_with_its_rules():
    found = {check: set(re.findall(r"`([a-z-]+)`", text)) for check, text in rows("docker's build checks")}
    assert len(found) == CHECKS
    for check, codes in found.items():
        assert codes == {rule.code for rule in RULES if check in rule.aliases}
    aliases = {alias for rule in RULES for alias in rule.aliases if not alias.startswith(("DL", "SC"))}
    assert aliases <= found.keys()
