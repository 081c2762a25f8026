"""``lissom mirrors``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.routes import routing_of
from lissom.cli.session import Session, session

if TYPE_CHECKING:
    from lissom.api.mirrors import Way
    from lissom.oci.reference import Reference
    from lissom.registry.endpoint import Endpoint, Route
    from lissom.registry.timing import Timed

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
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Show where images are fetched from: mirrors in their order, and which file says so."""
    from lissom.api.mirrors import ways
    from lissom.oci.reference import Reference

    references = [Reference.parse(image) for image in images] or routing_of(given).samples()
    with given.listening() as listener:
        registries = open_session(given, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        with registries:
            found = [(reference, *ways(registries, reference)) for reference in references]
    if as_json:
        click.echo(json.dumps([_route_json(*item) for item in found], indent=2))
    elif found:
        click.echo("\n\n".join(_route_text(*item) for item in found))
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
    authfile: Path | None,
    ca_file: Path | None,
    insecure: tuple[str, ...],
) -> None:
    """Time the places that IMAGE is fetched from.

    IMAGE is docker.io's alpine unless named. Each place is really asked: a connection, TLS, the manifest, up to 4 MiB
    of the largest layer. Who does not answer is put back for later pulls, who does is not any more. The exit code is 1
    when nobody answers.
    """
    from lissom.api.mirrors import ranked, timings
    from lissom.oci.reference import Reference

    reference = Reference.parse(image or _TESTED)
    with given.listening() as listener:
        registries = open_session(given, listener, authfile=authfile, ca_file=ca_file, insecure=insecure)
        with registries:
            route, timed = registries.route(reference), timings(registries, reference)
    ranks = ranked(timed)
    if as_json:
        document = {
            "image": str(reference),
            "saidBy": route.said_by or None,
            "endpoints": [_timed_json(item, ranks.get(item.endpoint)) for item in timed],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(_timed_text(reference, timed, ranks))
    if not ranks:
        raise click.exceptions.Exit(1)


def _url(endpoint: Endpoint) -> str:
    # Without a scheme it is https, or what a host that need not speak TLS turns out to speak.
    return f"{endpoint.scheme}{'://' if endpoint.scheme else ''}{endpoint.host}{endpoint.path}/{endpoint.repository}"


def _uses(endpoint: Endpoint) -> str:
    return ", ".join(what for what, able in (("tags", endpoint.tags), ("digests", endpoint.digests)) if able)


def _route_text(reference: Reference, route: Route, found: tuple[Way, ...]) -> str:
    from lissom.report.terminal import table

    said = f"as {route.said_by} says" if route.said_by else "as its name says"
    rows = [
        [
            str(number),
            _url(way.endpoint),
            "mirror" if way.endpoint.mirror else "registry",
            _uses(way.endpoint),
            "put back" if way.put_back else "",
        ]
        for number, way in enumerate(found, 1)
    ]
    return f"{reference.familiar} ({said})\n" + table(["", "ADDRESS", "WHAT", "ASKED BY", "NOW"], rows)


def _route_json(reference: Reference, route: Route, found: tuple[Way, ...]) -> dict[str, Any]:
    return {
        "image": str(reference),
        "saidBy": route.said_by or None,
        "pushedTo": route.origin.host,
        "endpoints": [_endpoint_json(way.endpoint) | {"putBack": way.put_back} for way in found],
    }


def _endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    # Headers stay out: they may hold secrets.
    return {
        "host": endpoint.host,
        "url": _url(endpoint),
        "mirror": endpoint.mirror,
        "tags": endpoint.tags,
        "digests": endpoint.digests,
    }


def _timed_text(reference: Reference, timed: tuple[Timed, ...], ranks: dict[Endpoint, int]) -> str:
    from lissom.report.terminal import size, table

    rows = []
    for item in timed:
        times = [f"{seconds * 1000:.0f} ms" if seconds is not None else "-" for seconds in _times(item)]
        rate = f"{size(round(item.rate))}/s" if item.rate else "-"
        note = item.error.partition("`: ")[2] or item.error or _other(item, timed)
        rows.append([str(ranks.get(item.endpoint, "-")), item.endpoint.host, *times, rate, note])
    head = ["RANK", "HOST", "CONNECT", "TLS", "MANIFEST", "RATE", ""]
    return f"{reference.familiar}\n" + table(head, rows)


def _times(item: Timed) -> tuple[float | None, ...]:
    return item.connect, item.tls, item.manifest


def _other(item: Timed, timed: tuple[Timed, ...]) -> str:
    """That a mirror is behind the registry, which only a comparison shows."""
    own = next((other.digest for other in timed if not other.endpoint.mirror), None)
    return "holds another image than the registry" if own and item.digest and item.digest != own else ""


def _timed_json(item: Timed, rank: int | None) -> dict[str, Any]:
    return _endpoint_json(item.endpoint) | {
        "rank": rank,
        "connectSeconds": item.connect,
        "tlsSeconds": item.tls,
        "manifestSeconds": item.manifest,
        "bytesPerSecond": round(item.rate) if item.rate else None,
        "digest": item.digest,
        "error": item.error or None,
    }
