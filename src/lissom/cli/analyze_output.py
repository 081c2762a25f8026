"""What ``lissom analyze`` prints and writes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.analysis.ledger.share import Ledger
    from lissom.api.budget import Exceeded
    from lissom.cli.session import Session
    from lissom.report.analyze_text import Screen

__all__ = ["print_json", "print_text", "write_page"]


def print_text(given: Session, ledger: Ledger, over: Sequence[Exceeded], *, top: int, verbose: bool) -> None:
    """The summary for this terminal, then the limits that do not hold."""
    from lissom.report.analyze_text import analyze_text
    from lissom.report.budget_text import budget_text

    screen = _screen_of(given, top=top, verbose=verbose or given.verbose > 0)
    click.echo(analyze_text(ledger, screen), color=True)
    if over:
        click.echo("\n" + budget_text(over, screen.paint), color=True)


def _screen_of(given: Session, *, top: int, verbose: bool) -> Screen:
    """The terminal that stdout is: its width, colours unless NO_COLOR is set; none of them for a file or a pipe."""
    from lissom.report.analyze_text import Screen
    from lissom.report.paint import coloured, plain

    colours = sys.stdout.isatty() and not given.environment.get("NO_COLOR") and given.environment.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    width = shutil.get_terminal_size((100, 24)).columns
    return Screen(width, top, coloured if colours else plain, verbose, ascii=not encoding.startswith("utf"))


def print_json(ledger: Ledger, over: Sequence[Exceeded], *, files: bool) -> None:
    """One object; ``exceeded`` in it are the limits that do not hold."""
    from dataclasses import asdict

    from lissom.report.analyze_data import analyze_json

    document = analyze_json(ledger, files=files)
    document["exceeded"] = [asdict(one) for one in over]
    json.dump(document, sys.stdout, indent=None if files else 2)
    click.echo()


def write_page(path: Path, text: str) -> None:
    """Write a page to a file that the user named. Raises UsageError."""
    from lissom.api.new_file import new_file

    try:
        with new_file(path) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from error
