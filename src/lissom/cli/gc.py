"""``lissom gc``."""

from __future__ import annotations

import re

import click

from lissom.cli.session import Session, session

__all__ = ["command"]

EPILOG = """\b
Examples:
  lissom gc
  lissom gc --keep-bytes 10GB
  lissom gc --keep-bytes 0     # images stay, all caches go"""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


@click.command("gc", epilog=EPILOG)
@click.option(
    "--keep-bytes", metavar="N", help="Of caches and unpacked layers keep the last used N bytes (10GB, 512MiB)."
)
@session
def command(given: Session, keep_bytes: str | None) -> None:
    """Free what nothing in the store uses: images without a name, blobs, snapshots, leftovers."""
    from lissom.report.terminal import size
    from lissom.store.gc import collect

    limit = None if keep_bytes is None else _bytes(keep_bytes)
    with given.store() as store:
        done = collect(store, keep_bytes=limit)
    click.echo(
        f"Freed {size(done.size)}: {done.images} images without a name, {done.blobs} blobs, "
        f"{done.snapshots} snapshots, {done.records} cache records, {done.mounts} cache mounts, "
        f"{done.downloads} downloads"
    )


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?", text.strip().lower())
    if not found:
        raise click.UsageError(f"cannot use --keep-bytes `{text}`: it is a number of bytes, such as 512MiB or 10GB")
    return int(float(found.group(1)) * _UNITS[found.group(2) or ""])
