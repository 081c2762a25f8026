"""``lissom history``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

__all__ = ["command"]

_WIDTH = 45


_EPILOG = """\b
Examples:
  lissom history app:1
  lissom history --no-trunc --json app:1
  lissom history docker://registry.example/team/app:1

Of an image in a registry only its manifest and its config are fetched; sizes that layers would be needed for are `?`,
and null in JSON."""


@click.command("history", epilog=_EPILOG)
@click.argument("reference", metavar="IMAGE")
@click.option("--no-trunc", is_flag=True, help="Whole commands and IDs.")
@click.option("-q", "--quiet", is_flag=True, help="Only IDs.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@network_options
@session
def command(
    given: Session,
    reference: str,
    *,
    no_trunc: bool,
    quiet: bool,
    as_json: bool,
    platform: str | None,
) -> None:
    """Show how an image was made, newest first, with the bytes that each instruction added."""
    from lissom.api.inspect import Line, history
    from lissom.cli.progress import harmless
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.report.terminal import ago, size, table

    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        lines = history(around, reference, wanted)

    def short(line: Line) -> str:
        return line.id if no_trunc or line.id == "<missing>" else line.id.partition(":")[2][:12]

    if as_json:
        names = ("id", "created", "created_by", "size", "comment")
        click.echo(json.dumps([{name: getattr(line, name) for name in names} for line in lines], indent=2))
    elif quiet:
        click.echo("\n".join(short(line) for line in lines))
    else:
        rows = [
            [
                short(line),
                ago(line.created),
                _cut(harmless(line.created_by), no_trunc=no_trunc),
                "?" if line.size is None else size(line.size),
                harmless(line.comment),
            ]
            for line in lines
        ]
        click.echo(table(["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"], rows))


def _cut(text: str, *, no_trunc: bool) -> str:
    return text if no_trunc or len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
