"""``lissom mirrors``."""

from __future__ import annotations

import json

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.routes import routing_of
from lissom.cli.session import Session, session

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom mirrors
  lissom mirrors debian:bookworm-slim ghcr.io/team/app:1
  lissom mirrors test
  lissom mirrors test debian:bookworm-slim"""

_TEST_EPILOG = """\b
Examples:
  lissom mirrors test
  lissom mirrors test --json registry.example.com/team/app:1
  lissom mirrors test --mirror https://mirror.example.com debian:bookworm-slim"""

_TESTED = "docker.io/library/alpine:latest"


class _Mirrors(click.Group):
    """What is no subcommand is an image to show."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or args[0] not in {*self.commands, *own}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("mirrors", cls=_Mirrors, epilog=_EPILOG, subcommand_metavar="[IMAGE]... | test [IMAGE]")
def command() -> None:
    """Show where images are fetched from: mirrors in their order, and which file says so.

    Without IMAGE, everything that a configuration speaks of. `lissom mirrors test` times the places.
    """


@command.command("show", hidden=True, epilog=_EPILOG)
@click.argument("images", nargs=-1, metavar="[IMAGE]...")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@network_options
@session
def show(
    given: Session,
    *,
    images: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show where images are fetched from: mirrors in their order, and which file says so."""
    from lissom.api.mirrors import ways
    from lissom.cli.mirrors_output import route_json, route_text
    from lissom.oci.reference import Reference

    references = [Reference.parse(image) for image in images] or routing_of(given).samples()
    with given.listening() as listener:
        registries = open_session(given, listener)
        with registries:
            found = [(reference, *ways(registries, reference)) for reference in references]
    if as_json:
        click.echo(json.dumps([route_json(*item) for item in found], indent=2))
    elif found:
        click.echo("\n\n".join(route_text(*item) for item in found))
    else:
        click.echo("no mirrors are configured: every registry is asked itself", err=True)


@command.command("test", epilog=_TEST_EPILOG)
@click.argument("image", required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@network_options
@session
def test(
    given: Session,
    *,
    image: str | None,
    as_json: bool,
) -> None:
    """Time the places that IMAGE is fetched from.

    IMAGE is docker.io's alpine unless named. Each place is really asked: a connection, TLS, the manifest, up to 4 MiB
    of the largest layer. Who does not answer is put back for later pulls, who does is not any more. The exit code is 1
    when nobody answers.
    """
    from lissom.api.mirrors import ranked, timings
    from lissom.cli.mirrors_output import timed_json, timed_text
    from lissom.oci.reference import Reference

    reference = Reference.parse(image or _TESTED)
    with given.listening() as listener:
        registries = open_session(given, listener)
        with registries:
            route, timed = registries.route(reference), timings(registries, reference)
    ranks = ranked(timed)
    if as_json:
        document = {
            "image": str(reference),
            "saidBy": route.said_by or None,
            "endpoints": [timed_json(item, ranks.get(item.endpoint)) for item in timed],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(timed_text(reference, timed, ranks))
    if not ranks:
        raise click.exceptions.Exit(1)
