"""``lissom df``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from lissom.cli.session import Session, session

__all__ = ["command"]


@click.command("df", epilog="\b\nExamples:\n  lissom df\n  lissom df --json")
@click.option("--json", "as_json", is_flag=True, help="Bytes as a JSON object.")
@session
def command(given: Session, *, as_json: bool) -> None:
    """Show what the store holds and what `lissom gc` can free."""
    from lissom.report.terminal import size, table
    from lissom.store.gc import df

    with given.store() as store:
        usage = df(store)
    if as_json:
        click.echo(json.dumps(asdict(usage), indent=2))
        return
    shares = {
        "Images": usage.images,
        "Unpacked layers": usage.snapshots,
        "Build cache": usage.cache,
        "Cache mounts": usage.mounts,
        "Debian packages": usage.downloads,
    }
    rows = [[name, str(s.count), size(s.size), size(s.reclaimable)] for name, s in shares.items()]
    click.echo(table(["TYPE", "TOTAL", "SIZE", "RECLAIMABLE"], rows))
    click.echo(f"\nImage layers: {size(usage.shared)} shared, {size(usage.unique)} of one image only")
    if usage.temporary:
        click.echo(f"Unfinished or running work: {size(usage.temporary)}")
