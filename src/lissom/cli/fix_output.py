"""Where what ``lissom fix`` made goes: the difference, the report, the files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.api.lint_target import Target
    from lissom.cli.session import Session
    from lissom.lint.fixed import Draft

__all__ = ["deliver"]


def deliver(
    given: Session,
    target: Target,
    drafts: tuple[Draft, Draft],
    report: str | dict[str, Any],
    flags: Mapping[str, Any],
) -> None:
    """Show the difference between two drafts and the report, then write what is to be written. Raises UsageError."""
    if isinstance(report, dict):
        click.echo(json.dumps(report, indent=2))
    else:
        if flags["output"] != "-":
            _show(given, target, drafts)
        if not flags["diff"]:
            click.echo(report, err=True)
    if flags["output"] == "-":
        _put_out(drafts[1].text)
    elif flags["output"]:
        _write(Path(flags["output"]), drafts[1].text)
    if flags["write"] and target.path is not None:
        for name, text in drafts[1].files.items():
            _write(_beside(target, name), text)
        if drafts[1].text != drafts[0].text:
            _write(target.path, drafts[1].text)


def _show(given: Session, target: Target, drafts: tuple[Draft, Draft]) -> None:
    from lissom.report.fix_text import coloured, difference

    pairs: dict[str, tuple[str | None, str]] = {target.name: (drafts[0].text, drafts[1].text)}
    for name, text in drafts[1].files.items():
        place = _beside(target, name)
        pairs[str(place)] = _present(place), text
    shown = difference(pairs)
    if sys.stdout.isatty():
        shown = coloured(shown, plain=bool(given.environment.get("NO_COLOR")))
    _put_out(shown)


def _beside(target: Target, name: str) -> Path:
    """A file beside: an ignore file of the Dockerfile's own stands beside it, the common one in the context."""
    if name != ".dockerignore" and target.path is not None:
        return target.path.parent / name
    return (target.context or Path()) / name


def _present(path: Path) -> str | None:
    """The text of a file as it is; None when there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _put_out(text: str) -> None:
    """Text as it is in the file, also bytes that are no UTF-8."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _write(path: Path, text: str) -> None:
    """Put a text in a file's place; it keeps its mode."""
    from lissom.api.new_file import new_file

    try:
        mode = path.stat().st_mode & 0o7777 if path.is_file() else None
        with new_file(path) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            if mode is not None:
                os.fchmod(file.fileno(), mode)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from error
