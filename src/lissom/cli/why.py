"""``lissom why``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

__all__ = ["command"]

_ROWS = 40

_EPILOG = """\b
Examples:
  lissom why app:slim /usr/lib/x86_64-linux-gnu/libssl.so.3
  lissom why app:slim /usr/lib/python3.11
  lissom why app:slim '/usr/share/**/*.txt'
  lissom why distroless/base /etc/ssl/certs/ca-certificates.crt
  lissom why --json app:slim /bin/sh

Exit status: 0 the path is told, 1 there is and was no such path."""


@click.command("why", epilog=_EPILOG)
@click.argument("image")
@click.argument("path")
@click.option("--all", "everything", is_flag=True, help=f"All paths of a directory or glob, not only {_ROWS}.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array of paths with the chain of their reasons.")
@network_options
@session
def command(
    given: Session,
    image: str,
    path: str,
    *,
    everything: bool,
    platform: str | None,
    as_json: bool,
) -> int:
    """Say why PATH of IMAGE is there, or what removed it or left it out. PATH may be a directory or a glob.

    Of a slimmed image: what was seen to use it. Of a distroless one: its package, who needs that, or what it was
    computed from. Of any other one: its package and layer, as far as the image has records of packages.
    """
    from lissom.api.why import why
    from lissom.cli.progress import harmless
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.report.why_text import why_json, why_text
    from lissom.slim.account import Account

    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        answer = why(around, image, path, platform=Platform.parse(platform) if platform else None)
    if as_json:
        rows = [*([answer.exact] if answer.exact else []), *answer.rows]
        click.echo(json.dumps(why_json(answer.told, rows), indent=2))
    elif answer.known:
        limit = None if everything else _ROWS
        click.echo(why_text(answer.told, answer.exact, answer.rows, harmless, limit=limit))
    elif isinstance(answer.told, Account):
        click.echo(harmless(f"{path} is in neither image: not in `{image}`, nor in what it was made of"))
    else:
        click.echo(harmless(f"{path} is not in `{image}`, nor was it left out of it"))
    return 0 if answer.known else 1
