"""What ``lissom distroless`` tells of the images that it made: on the terminal, and in files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.distroless.evidence.provenance import Provenance

__all__ = ["check_report", "show", "write_reports"]

_ENDS = (".html", ".json")


def check_report(path: Path) -> None:
    """Raise UsageError for a file name that does not say what the report is to be."""
    if path.suffix not in _ENDS:
        raise UsageError(f"cannot write report `{path}`: its name ends neither with .html nor with .json")


def show(told: Sequence[Provenance]) -> None:
    """Each image in short, on stderr: stdout is for its ID."""
    from lissom.report.distroless_text import summary

    click.echo("\n\n".join(map(summary, told)), err=True)


def write_reports(paths: Sequence[Path], told: Sequence[Provenance]) -> None:
    """Every report of every image; a name for one of several says of which platform it is."""
    for path in paths:
        for one in told:
            place = path.with_suffix(f".{_word(one)}{path.suffix}") if len(told) > 1 else path
            try:
                place.write_text(_report(one, path.suffix), encoding="utf-8", errors="surrogateescape")
            except OSError as error:
                raise UsageError(f"cannot write `{place}`: {error.strerror}") from error


def _report(told: Provenance, suffix: str) -> str:
    from lissom.distroless.evidence.provenance_json import to_json
    from lissom.report.distroless_page import page

    return page(told) if suffix == ".html" else json.dumps(to_json(told), indent=1) + "\n"


def _word(told: Provenance) -> str:
    """``arm-v7`` for ``linux/arm/v7``."""
    return told.platform.partition("/")[2].replace("/", "-")
