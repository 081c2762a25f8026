"""The house is what ARCHITECTURE.md says: layers in order, the table equal to the contract, files of a size to read."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MOST_LINES = 500
MOST_FUNCTION_LINES = 80


def contract() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (found,) = (one for one in settings["tool"]["importlinter"]["contracts"] if one["containers"] == ["lissom"])
    return found["layers"]


def test_no_import_goes_up() -> None:
    pytest.importorskip("importlinter")
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_table_is_the_contract() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    found = re.search(r"<!-- contract -->\s*```\n(.*?)```", text, re.DOTALL)
    assert found, "ARCHITECTURE.md has no table between `<!-- contract -->` and its end"
    rows = [re.split(r"\s{2,}", line.strip())[0] for line in found.group(1).splitlines() if line.strip()]
    assert rows == contract()


def test_every_package_is_in_the_contract() -> None:
    named = {name for row in contract() for name in row.split(" | ")}
    here = {p.stem if p.is_file() else p.name for p in (ROOT / "src" / "lissom").iterdir()}
    assert {name for name in here if not name.startswith("__") and name != "py"} == named


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text())
    functions = (n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))
    # Flags of a command are declarations, they are not counted: the body alone is.
    long = {f.name: n for f in functions if (n := (f.end_lineno or 0) - f.body[0].lineno + 1) > MOST_FUNCTION_LINES}
    assert not long


def is_library(path: Path) -> bool:
    """Not the command line, nor what runs as a process of its own."""
    parts = path.relative_to(ROOT / "src" / "lissom").parts
    return parts[0] != "cli" and parts[-1] not in ("__main__.py", "init.py", "userns.py")


@pytest.mark.parametrize("path", [p for p in SOURCES if is_library(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_command_line_prints_exits_or_reads_the_environment(path: Path) -> None:
    source = path.read_text()
    calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)}
    assert not calls & {"print", "sys.exit", "exit", "os._exit", "os.getenv"}
    assert "os.environ" not in source


def test_half_of_the_files_are_within_two_hundred_lines() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in SOURCES)
    assert lengths[len(lengths) // 2] <= 200
