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
    """Accept the flags of registries, which ``open_session`` finds in the command's Session."""
    for option in (
        _kept("--mirrors-only", "mirrors_only", is_flag=True, help="Never ask a registry that has mirrors itself."),
        _kept(
            "--mirror",
            "mirrors",
            multiple=True,
            metavar="[REGISTRY=]ADDRESS",
            help="Ask ADDRESS before REGISTRY, which is docker.io unless named.",
        ),
    ):
        command = option(command)
    return host_options(command)


def host_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Accept the flags of one host, in the same way."""
    for option in (
        _kept("--authfile", "authfile", type=_PATH, help="Logins, instead of docker's and podman's files."),
        _kept("--ca-file", "ca_file", type=_PATH, help="More certificate authorities, as PEM."),
        _kept(
            "--insecure-registry",
            "insecure",
            multiple=True,
            metavar="HOST[:PORT]",
            help="Speak to HOST without a verified certificate. Loopback hosts need no flag.",
        ),
    ):
        command = option(command)
    return command


def open_session(given: Given, listener: Listener, *, connections: int | None = None) -> Session:
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
        insecure=frozenset((*given.insecure, *settings.insecure_registries)),
        ca_file=given.ca_file or (Path(bundle) if bundle else None),
        trusts=routing.trust,
        proxies=Proxies.of(environment),
    )
    chosen = {name: getattr(settings, name) for name in _PATIENCE if getattr(settings, name) is not None}
    if connections:
        chosen["connections"] = connections
    return Session(
        replace(network, **chosen),
        ConfigFiles(login_files(environment, named_file(given, given.authfile)), listener=listener),
        routes=routing.route,
        memory=Remembered(given.root / "lissom" / "hosts.json"),
    )


def _kept(*names: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag whose value goes into the command's Session, under its name; one that is given again adds to a list."""
    return click.option(*names, expose_value=False, callback=_keep, **options)


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value and parameter.name:
        given = ctx.ensure_object(Given)
        before = getattr(given, parameter.name) if isinstance(value, tuple) else None
        ctx.obj = replace(given, **{parameter.name: before + value if before else value})
