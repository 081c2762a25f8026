"""``lissom why``."""

from __future__ import annotations

import json
from pathlib import Path

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
  lissom why --json app:slim /bin/sh

Exit status: 0 the path is told, 1 it was in neither image."""


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
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> int:
    """Say why PATH of a slimmed IMAGE is there, or that slimming removed it. PATH may be a directory or a glob."""
    from lissom.api.why import why
    from lissom.cli.progress import harmless
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.report.why_text import chain_text, removed_text, rows_json, rows_text
    from lissom.slim.account import Removed

    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        answer = why(around, image, path, platform=Platform.parse(platform) if platform else None)
    rows = [*([answer.exact] if answer.exact else []), *answer.kept, *answer.removed]
    if as_json:
        click.echo(json.dumps(rows_json(answer.account, rows), indent=2))
    elif not answer.known:
        click.echo(harmless(f"{path} is in neither image: not in `{image}`, nor in what it was made of"))
    else:
        source = answer.account.before.reference
        parts = []
        if answer.chain:
            parts.append(chain_text(answer.account, answer.chain, harmless))
        elif isinstance(answer.exact, Removed):
            parts.append(removed_text(answer.exact, source, harmless))
        if answer.kept or answer.removed:
            limit = None if everything else _ROWS
            parts.append(rows_text(answer.account, answer.kept, answer.removed, harmless, limit=limit))
        click.echo("\n\n".join(parts))
    return 0 if answer.known else 1
