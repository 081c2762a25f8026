"""What the documents say is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lissom.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_lissoms(page: Path) -> None:
    named = set(re.findall(r"(?:`|^    |\$ )lissom ([a-z]+)", page.read_text(), re.MULTILINE))
    assert named <= set(COMMANDS)


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert not [name for name in COMMANDS if not re.search(rf"\b{name}\b", text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_has_what_is_named(page: Path) -> None:
    assert set(re.findall(r"`?make ([a-z]+)`?  ", page.read_text())) <= TARGETS


def test_bases_of_the_readme_are_ready_specs() -> None:
    specs = {path.stem for path in (ROOT / "src" / "lissom" / "distroless" / "specs").glob("*.yaml")}
    row = next(line for line in (ROOT / "README.md").read_text().splitlines() if "`lissom distroless`" in line)
    assert set(re.findall(r"`([a-z-]+)`", row.partition("|")[2])) <= specs
