"""What flags and environment say about registries: logins, certificates, proxies, hosts without TLS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lissom.cli.logins import login_files

if TYPE_CHECKING:
    from lissom.api.transfer import Moved
    from lissom.cli.session import Session as Given
    from lissom.events import Listener
    from lissom.registry.session import Session

__all__ = ["network_options", "open_session", "tell"]

_PATH = click.Path(path_type=Path)


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Accept the flags that ``open_session`` takes: ``authfile``, ``ca_file``, ``insecure``."""
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
) -> Session:
    """The registries as this user reaches them. Flags beat the environment, that beats the settings file."""
    from lissom.registry.credentials import ConfigFiles
    from lissom.registry.network import Network
    from lissom.registry.session import Session

    environment, settings = given.environment, given.settings
    bundle = environment.get("SSL_CERT_FILE") or settings.ca_file
    network = Network(
        insecure=frozenset((*insecure, *settings.insecure_registries)),
        ca_file=ca_file or (Path(bundle) if bundle else None),
        proxies=_proxies(environment),
        no_proxy=tuple(_either(environment, "no_proxy").split(",")),
    )
    if not authfile and not environment.get("REGISTRY_AUTH_FILE") and settings.authfile:
        authfile = Path(settings.authfile)
    return Session(network, ConfigFiles(login_files(environment, authfile), listener=listener))


def _proxies(environment: Mapping[str, str]) -> dict[str, str]:
    common = _either(environment, "all_proxy")
    found = {scheme: _either(environment, f"{scheme}_proxy") or common for scheme in ("http", "https")}
    return {scheme: url if "://" in url else f"http://{url}" for scheme, url in found.items() if url}


def _either(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name) or environment.get(name.upper()) or ""


def tell(moved: Moved, *, as_json: bool) -> None:
    """Print the digest of the image that is now there, or all of it as JSON."""
    if not as_json:
        click.echo(moved.descriptor.digest)
        return
    document = {
        "digest": moved.descriptor.digest,
        "mediaType": moved.descriptor.media_type,
        "blobsMoved": moved.blobs,
        "bytesMoved": moved.size,
        "blobsPresent": moved.present,
    }
    click.echo(json.dumps(document, indent=2))
