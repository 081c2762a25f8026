"""``lissom save``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from lissom.cli.session import Session, session
from lissom.errors import StoreError

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom save app:1 -o app.tar
  lissom save app:1 | docker load
  lissom save --format oci app:1 -o app.oci.tar"""


@click.command("save", epilog=EPILOG)
@click.argument("references", nargs=-1, required=True, metavar="IMAGE...")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to (default: stdout).")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["docker", "oci"]),
    default="docker",
    help="docker: what `docker load` reads (default); oci: a layout in a tar.",
)
@click.option("--platform", metavar="OS/ARCH", help="Which image of an index.")
@session
def command(given: Session, references: tuple[str, ...], output: Path | None, kind: str, platform: str | None) -> None:
    """Write images to an archive."""
    from lissom.api.archives import save
    from lissom.oci.platform import Platform

    if output is None and sys.stdout.isatty():
        raise click.UsageError("cannot save to a terminal: name a file with -o, or redirect the output")
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, _opened(output) as out:
        save(store, references, out, kind=kind, platform=wanted)


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """The output; a file appears under its name only when it is whole."""
    if path is None or str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from lissom.api.new_file import new_file

    try:
        with new_file(path) as file:
            yield file
    except OSError as error:
        raise StoreError(f"cannot write `{path}`: {error.strerror}") from error
