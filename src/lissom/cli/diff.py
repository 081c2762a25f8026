"""``lissom diff``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.analysis.comparison import Difference
    from lissom.api.world import World
    from lissom.oci.platform import Platform
    from lissom.report.diff_steps import StepPair

__all__ = ["command"]

_LINES = 40

_EPILOG = """\b
Examples:
  lissom diff app:1 app:2
  lissom diff --content app:1 app:2
  lissom diff --all app:1 docker://registry.example/team/app:1
  lissom diff --steps app:1 app:2
  lissom diff --html diff.html app:1 app:2
  lissom diff --interactive app:1 app:2
  lissom diff --json app:1 app:slim | jq '.files[] | select(.change == "changed") | .path'

Times of files, layer boundaries, creation date and history are not compared; --times compares times.

Exit status, as of diff(1): 0 same files and config, 1 they differ."""


@click.command("diff", epilog=_EPILOG)
@click.argument("before")
@click.argument("after")
@click.option("--content", is_flag=True, help="Changed lines of small text files too.")
@click.option("--all", "everything", is_flag=True, help=f"A line for each path, also for more than {_LINES}.")
@click.option("--times", is_flag=True, help="Times of files count.")
@click.option("--steps", is_flag=True, help="What each instruction adds, before and after.")
@click.option("-q", "--quiet", is_flag=True, help="Only the exit status.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with maps of both.")
@click.option("-i", "--interactive", is_flag=True, help="Browse what differs in the terminal.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object with every path.")
@network_options
@session
def command(
    given: Session,
    before: str,
    after: str,
    *,
    content: bool,
    everything: bool,
    times: bool,
    steps: bool,
    quiet: bool,
    html: Path | None,
    interactive: bool,
    platform: str | None,
    as_json: bool,
) -> int:
    """Show what differs between two images: files, config, packages, surface, bytes."""
    from lissom.api.diff import diff, same
    from lissom.cli.browse.start import browse_difference, check_terminal
    from lissom.cli.progress import harmless
    from lissom.cli.world import world
    from lissom.oci.platform import Platform
    from lissom.report.diff_text import diff_text

    if interactive:
        check_terminal(as_json=as_json)
    wanted = Platform.parse(platform) if platform else None
    with given.store() as store, given.listening() as listener:
        around = world(given, store, listener)
        alike = None
        if not (html or interactive or as_json or steps):
            # Equal layers, and with --quiet another config, are seen in the documents: no layer need be fetched.
            alike = same(around, before, after, platform=wanted)
        if alike or (quiet and alike is False):
            return _documented(before, after, alike=alike, quiet=quiet)
        found = diff(around, before, after, times=times, platform=wanted)
        pairs = _steps(around, before, after, wanted) if steps or html is not None else []
        if html is not None:
            from lissom.cli.analyze_output import write_page
            from lissom.report.diff_page import page

            write_page(html, page(found, pairs))
        if interactive:
            browse_difference(found)
        elif as_json:
            _print_json(found, pairs if steps else None, content=content)
        elif not quiet:
            click.echo(diff_text(found, harmless, limit=None if everything else _LINES))
            _print_more(found, pairs if steps else None, content=content)
    return 0 if found.equal else 1


def _print_json(found: Difference, pairs: list[StepPair] | None, *, content: bool) -> None:
    from lissom.report.diff_data import diff_json, text_diffs
    from lissom.report.diff_steps import steps_json

    document = diff_json(found)
    if pairs is not None:
        document["steps"] = steps_json(pairs)
    if content:
        document["content"] = list(text_diffs(found.files))
    click.echo(json.dumps(document, indent=2))


def _print_more(found: Difference, pairs: list[StepPair] | None, *, content: bool) -> None:
    from lissom.cli.progress import harmless
    from lissom.report.diff_data import text_diffs
    from lissom.report.diff_steps import steps_text

    if pairs is not None:
        click.echo("\n" + steps_text(pairs, harmless))
    for number, line in enumerate(text_diffs(found.files) if content else ()):
        click.echo(("" if number else "\n") + harmless(line))


def _documented(before: str, after: str, *, alike: bool, quiet: bool) -> int:
    from lissom.cli.progress import harmless
    from lissom.report.diff_text import same_text

    if not quiet:
        click.echo(same_text(before, after, harmless))
    return 0 if alike else 1


def _steps(around: World, before: str, after: str, platform: Platform | None) -> list[StepPair]:
    from lissom.api.analyze import analyze
    from lissom.report.diff_steps import step_pairs

    return step_pairs(analyze(around, before, platform=platform), analyze(around, after, platform=platform))
