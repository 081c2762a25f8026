"""``lissom rm``."""

from __future__ import annotations

import click

from lissom.cli.session import Session, session

__all__ = ["command"]


@click.command(
    "rm", epilog="\b\nExamples:\n  lissom rm app:1 app:2\n  lissom rm -f 3f2a9c81d0b4\n  lissom rm app:1 && lissom gc"
)
@click.argument("references", nargs=-1, required=True, metavar="IMAGE...")
@click.option("-f", "--force", is_flag=True, help="All names of an ID; no error when there is no such image.")
@session
def command(given: Session, references: tuple[str, ...], *, force: bool) -> None:
    """Remove names of images. What no name needs any more is freed by `lissom gc`."""
    from lissom.api.images import remove

    with given.store() as store:
        for text in references:
            removed = remove(store, text, force=force)
            for reference in removed:
                click.echo(f"Untagged: {reference.familiar}")
            if not removed and not force:
                click.echo(f"Removed: {text}")
