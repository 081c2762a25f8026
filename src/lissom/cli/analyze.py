"""``lissom analyze``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.api.budget import Budget

__all__ = ["command"]

_FILE = click.Path(path_type=Path)

_EPILOG = """\b
Examples:
  lissom analyze app:1
  lissom analyze app:1 --dockerfile Dockerfile --html app.html
  lissom analyze --interactive docker-archive:app.tar
  lissom analyze app:2 --baseline app:1 --fail-above growth=5MB --fail-above waste=10%
  lissom analyze app:1 --budget budget.toml
  lissom analyze --files app:1 | jq '.files[] | select(.waste == "deleted")'

Limits are `200MB` for all layers together, or KEY=LIMIT: total, live, hidden, compressed, marginal, layers; waste,
waste.same (hidden or stored twice), or one kind of it (overwritten, deleted, duplicate, package-lists, docs…); caches,
caches.pip; a directory such as /usr/share; above (and above.waste…) for layers above the base; growth (and growth.KEY)
against --baseline; efficiency, which must not be lower. Sizes are 10MB, 1.5GiB or 10% of the image. A budget file is
TOML with the same keys and `ignore`, a list of globs whose waste is not counted; or dive's .dive-ci.

Exit status: 1 when a limit is exceeded."""


@click.command("analyze", epilog=_EPILOG)
@click.argument("image")
@click.option("--dockerfile", type=_FILE, metavar="FILE", help="What the image was built from: lines are told.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a page with maps and a table of all files.")
@click.option(
    "--top", type=click.IntRange(1, 10_000), default=10, metavar="N", help="Lines of each table. Default: 10."
)
@click.option("--all", "everything", is_flag=True, help="Each layer of the base, all waste and its paths.")
@click.option("--fail-above", "limits", multiple=True, metavar="[KEY=]LIMIT", help="Exit with 1 above this.")
@click.option("--budget", type=_FILE, metavar="FILE", help="Limits from a file.")
@click.option("--baseline", metavar="IMAGE", help="What growth is measured against.")
@click.option("-i", "--interactive", is_flag=True, help="Browse layers and files in the terminal.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@click.option("--files", is_flag=True, help="JSON with every file of every layer.")
@network_options
@session
def command(
    given: Session,
    image: str,
    *,
    dockerfile: Path | None,
    html: Path | None,
    top: int,
    everything: bool,
    limits: tuple[str, ...],
    budget: Path | None,
    baseline: str | None,
    interactive: bool,
    platform: str | None,
    as_json: bool,
    files: bool,
) -> int:
    """Show where every byte of an image comes from, and which are waste."""
    from lissom.api.analyze import analyze
    from lissom.api.budget import exceeded
    from lissom.cli.analyze_output import print_json, print_text, write_page
    from lissom.cli.browse.start import browse_image, check_terminal
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    allowed = _budget(limits, budget)
    as_json = as_json or files
    if interactive:
        check_terminal(as_json=as_json)
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        ledger = analyze(around, image, dockerfile=dockerfile, platform=wanted)
        earlier = analyze(around, baseline, platform=wanted) if baseline else None
        if interactive:
            browse_image(around, ledger, platform=wanted)
    over = exceeded(allowed, ledger, earlier)
    if html is not None:
        from lissom.report.analyze_page import page

        write_page(html, page(ledger))
    if as_json:
        print_json(ledger, over, files=files)
    elif not interactive:
        print_text(given, ledger, over, top=top, verbose=everything)
    return 1 if over else 0


def _budget(limits: tuple[str, ...], path: Path | None) -> Budget:
    from lissom.api.budget import Budget
    from lissom.api.budget_file import read_budget, read_flags

    written = read_budget(path) if path else Budget()
    return Budget((*written.limits, *read_flags(limits)), written.ignore)
