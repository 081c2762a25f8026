"""``lissom tag``."""

from __future__ import annotations

import click

from lissom.cli.session import Session, session

__all__ = ["command"]


@click.command("tag", epilog="\b\nExamples:\n  lissom tag app:1 registry.example:5000/team/app:1")
@click.argument("source")
@click.argument("target")
@session
def command(given: Session, source: str, target: str) -> None:
    """Let TARGET name the same image as SOURCE, a name, digest or short ID."""
    from lissom.api.images import tag

    with given.store() as store:
        tag(store, source, target)
