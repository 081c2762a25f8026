"""``lissom rm``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.api.access import Access
    from lissom.store.store import Store

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom rm app:1 app:2
  lissom rm -f 3f2a9c81d0b4
  lissom rm app:1 && lissom gc
  lissom rm docker://registry.example/team/app:old

Some registries remove no single tag, only a manifest with all of its tags: where that would take others too, -f is
needed. Some let nobody delete."""

_REMOTE = "docker://"


@click.command("rm", epilog=_EPILOG)
@click.argument("references", nargs=-1, required=True, metavar="IMAGE...")
@click.option("-f", "--force", is_flag=True, help="All names of an ID; no error when there is no such image.")
@network_options
@session
def command(
    given: Session,
    references: tuple[str, ...],
    *,
    force: bool,
) -> None:
    """Remove names of images, or with docker:// from a registry. `lissom gc` frees what no name needs any more."""
    with given.store() as store, given.listening() as listener:
        access = None
        for text in references:
            if not text.startswith(_REMOTE):
                _remove(store, text, force=force)
                continue
            if access is None:
                from lissom.api.access import Access

                registries = open_session(given, listener)
                access = Access(store, registries, listener=listener)
            _remove_there(access, text, force=force)


def _remove(store: Store, text: str, *, force: bool) -> None:
    from lissom.api.images import remove

    removed = remove(store, text, force=force)
    for reference in removed:
        click.echo(f"Untagged: {reference.familiar}")
    if not removed and not force:
        click.echo(f"Removed: {text}")


def _remove_there(access: Access, text: str, *, force: bool) -> None:
    from lissom.api.remote_names import remove

    removed = remove(access, text, force=force)
    for reference in removed.references:
        click.echo(f"Untagged: {_REMOTE}{reference.familiar}")
    if removed.digest:
        click.echo(f"Deleted: {removed.digest}")
