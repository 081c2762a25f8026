"""``lissom tag``."""

from __future__ import annotations

import click

from lissom.cli.registries import network_options, open_session
from lissom.cli.session import Session, session
from lissom.errors import UsageError

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom tag app:1 registry.example:5000/team/app:1
  lissom tag docker://registry.example/team/app:1.4.2 docker://registry.example/team/app:latest"""

_REMOTE = "docker://"


@click.command("tag", epilog=_EPILOG)
@click.argument("source")
@click.argument("target")
@network_options
@session
def command(
    given: Session,
    source: str,
    target: str,
) -> None:
    """Let TARGET name the same image as SOURCE, a name, digest or short ID; with docker:// both in one registry."""
    if source.startswith(_REMOTE) != target.startswith(_REMOTE):
        away = f"lissom push {source} {target}" if target.startswith(_REMOTE) else f"lissom copy {source} {target}"
        raise UsageError(f"cannot tag `{source}` as `{target}`: one is in a registry, the other in the store",
                         hint=f"`{away}` moves it")  # fmt: skip
    with given.store() as store:
        if not source.startswith(_REMOTE):
            from lissom.api.images import tag

            tag(store, source, target)
            return
        from lissom.api.access import Access
        from lissom.api.remote_names import tag as tag_there

        with given.listening() as listener:
            registries = open_session(given, listener)
            click.echo(tag_there(Access(store, registries, listener=listener), source, target).digest)
