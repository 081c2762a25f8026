"""``lissom load``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lissom.cli.session import Session, session
from lissom.errors import StoreError

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom load -i app.tar
  docker save app:1 | lissom load"""


@click.command("load", epilog=EPILOG)
@click.option(
    "-i", "--input", "source", type=click.Path(path_type=Path), metavar="FILE", help="The archive (default: stdin)."
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing.")
@session
def command(given: Session, source: Path | None, *, quiet: bool) -> None:
    """Read images from a docker or OCI archive, gzip and zstd included."""
    from lissom.api.archives import load

    if source is None and sys.stdin.isatty():
        raise click.UsageError("cannot load from a terminal: name a file with -i, or redirect the input")
    with given.store() as store, given.listening(quiet=quiet) as listener:
        try:
            loaded = load(store, source if source and str(source) != "-" else sys.stdin.buffer, listener=listener)
        except OSError as error:
            raise StoreError(f"cannot read `{source}`: {error.strerror}") from error
    for reference, identity in loaded:
        if not quiet:
            click.echo(f"Loaded image: {reference.familiar}" if reference else f"Loaded image ID: {identity}")
