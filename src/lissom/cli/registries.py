"""What flags and environment say about registries: logins, certificates, proxies, hosts without TLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.logins import login_files, named_file
from lissom.cli.routes import routing_of
from lissom.cli.session import Session as Given

if TYPE_CHECKING:
    from lissom.events import Listener
    from lissom.registry.session import Session

__all__ = ["host_options", "network_options", "open_session"]

_PATIENCE = ("connect_deadline", "stall_deadline", "longest_wait", "attempts")
_PATH = click.Path(path_type=Path)


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Accept the flags that ``open_session`` takes, and those of mirrors.

    The latter go into the command's Session, where ``open_session`` finds them.
    """
    for option in (
        click.option(
            "--mirrors-only",
            is_flag=True,
            expose_value=False,
            callback=_keep_to_mirrors,
            help="Never ask a registry that has mirrors itself.",
        ),
        click.option(
            "--mirror",
            multiple=True,
            metavar="[REGISTRY=]ADDRESS",
            expose_value=False,
            callback=_add_mirrors,
            help="Ask ADDRESS before REGISTRY, which is docker.io unless named.",
        ),
    ):
        command = option(command)
    return host_options(command)


def host_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Accept the flags of one host: ``authfile``, ``ca_file``, ``insecure``."""
    for option in (
        click.option("--authfile", type=_PATH, help="Logins, instead of docker's and podman's files."),
        click.option("--ca-file", type=_PATH, help="More certificate authorities, as PEM."),
        click.option(
            "--insecure-registry",
            "insecure",
            multiple=True,
            metavar="HOST[:PORT]",
            help="Speak to HOST without a verified certificate. Loopback hosts need no flag.",
        ),
    ):
        command = option(command)
    return command


def open_session(
    given: Given,
    listener: Listener,
    *,
    authfile: Path | None = None,
    ca_file: Path | None = None,
    insecure: tuple[str, ...] = (),
    connections: int | None = None,
) -> Session:
    """The registries as this user reaches them. Flags beat the environment, that beats the settings file."""
    from lissom.registry.logins.credentials import ConfigFiles
    from lissom.registry.session import Session
    from lissom.registry.wire.network import Network
    from lissom.registry.wire.proxies import Proxies
    from lissom.store.remembered import Remembered

    environment, settings = given.environment, given.settings
    bundle = environment.get("SSL_CERT_FILE") or settings.ca_file
    routing = routing_of(given)
    network = Network(
        insecure=frozenset((*insecure, *settings.insecure_registries)),
        ca_file=ca_file or (Path(bundle) if bundle else None),
        trusts=routing.trust,
        proxies=Proxies.of(environment),
    )
    chosen = {name: getattr(settings, name) for name in _PATIENCE if getattr(settings, name) is not None}
    if connections:
        chosen["connections"] = connections
    return Session(
        replace(network, **chosen),
        ConfigFiles(login_files(environment, named_file(given, authfile)), listener=listener),
        routes=routing.route,
        memory=Remembered(given.root / "lissom" / "hosts.json"),
    )


def _add_mirrors(ctx: click.Context, _: click.Parameter, value: tuple[str, ...]) -> None:
    if value:
        given = ctx.ensure_object(Given)
        ctx.obj = replace(given, mirrors=given.mirrors + value)


def _keep_to_mirrors(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.obj = replace(ctx.ensure_object(Given), mirrors_only=True)
