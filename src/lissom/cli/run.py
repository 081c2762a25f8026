"""``lissom run``."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from lissom.cli.registries import network_options
from lissom.cli.session import Session, session
from lissom.errors import LissomError, UsageError

if TYPE_CHECKING:
    from lissom.api.world import World
    from lissom.image.image import Image
    from lissom.sandbox.mounts import Mount
    from lissom.verify.container import Wishes

__all__ = ["command"]

_EPILOG = """\b
Examples:
  lissom run app:1
  lissom run -it debian:bookworm bash
  lissom run -e LEVEL=debug -v "$PWD/data:/data:ro" -p 8080:80 app:1
  lissom run --entrypoint sh oci:out.oci -c 'id; ls -l /'

The container is always removed at the end, with or without --rm, and what it wrote with it. It shares the host's
network: -p with two different numbers forwards one TCP port to the other, with equal ones it only checks that the port
is free. The exit status is the command's; 125 means that lissom failed, 126 and 127 that the command could not be
executed or was not found."""


class ContainerError(LissomError):
    """The container could not be made; docker's exit status for it."""

    exit_code: ClassVar[int] = 125


@click.command("run", epilog=_EPILOG, context_settings={"allow_interspersed_args": False})
@click.argument("image")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND [ARGUMENT]…]")
@click.option("-i", "--interactive", is_flag=True, help="Give standard input to the command.")
@click.option("-t", "--tty", "terminal", is_flag=True, help="Give the command a terminal.")
@click.option("-e", "--env", multiple=True, metavar="K[=V]", help="A variable; K alone takes it from the environment.")
@click.option("--env-file", multiple=True, type=click.Path(path_type=Path), help="Variables, K=V lines.")
@click.option(
    "-v", "--volume", multiple=True, metavar="SOURCE:TARGET[:ro]", help="Show a file or directory of the host."
)
@click.option("--tmpfs", multiple=True, metavar="TARGET[:size=N,mode=M]", help="Memory as a directory.")
@click.option("-w", "--workdir", metavar="DIR", help="Where the command runs.")
@click.option("-u", "--user", metavar="USER[:GROUP]", help="Who the command runs as.")
@click.option("-p", "--publish", multiple=True, metavar="[ADDRESS:]HOST:CONTAINER", help="Make a TCP port reachable.")
@click.option("--entrypoint", metavar="WORDS", help="Instead of the image's entry point.")
@click.option("--network", type=click.Choice(["host", "none"]), default="host", help="The host's, or loopback only.")
@click.option("--hostname", metavar="NAME", help="Host name inside (default: random).")
@click.option("--add-host", multiple=True, metavar="NAME:ADDRESS", help="A line for /etc/hosts.")
@click.option("--read-only", is_flag=True, help="Nothing can be written but volumes and tmpfs.")
@click.option("--shm-size", default="64m", metavar="BYTES", help="Size of /dev/shm.")
@click.option("--ulimit", multiple=True, metavar="NAME=SOFT[:HARD]", help="A limit, such as nofile=1024:2048.")
@click.option("--cap-add", multiple=True, metavar="NAME", help="Grant a capability.")
@click.option("--cap-drop", multiple=True, metavar="NAME|ALL", help="Take a capability away.")
@click.option("--init", is_flag=True, help="Put a first process before the command that reaps and passes signals.")
@click.option("--stop-signal", metavar="SIGNAL", help="What SIGTERM becomes for the command.")
@click.option("--rm", is_flag=True, help="Accepted: containers are always removed.")
@click.option("--name", metavar="NAME", help="Accepted: a container is gone when its command ends.")
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index.")
@network_options
@session
def command(given: Session, image: str, arguments: tuple[str, ...], **flags: Any) -> int:
    """Run a command in a container of IMAGE."""
    from lissom.api.opened import opened
    from lissom.cli.world import world
    from lissom.oci.platform import Platform

    try:
        wishes = _wishes(arguments, flags, given.environment)
        with given.store() as store, given.listening(quiet=True) as listener:
            around = world(given, store, listener)
            wanted = Platform.parse(flags["platform"]) if flags["platform"] else None
            with opened(around, image, wanted) as found:
                return _run(around, found, wishes, flags)
    except UsageError:
        raise
    except LissomError as error:
        raise ContainerError(error.message, hint=error.hint) from error


def _run(around: World, image: Image, wishes: Wishes, flags: Mapping[str, Any]) -> int:
    from contextlib import ExitStack

    from lissom.cli.terminal import attached, passing_signals, write_through
    from lissom.sandbox.forward import Published, publish
    from lissom.sandbox.process import start
    from lissom.verify.container import container, stop_signal

    stop = _signal(flags["stop_signal"] or stop_signal(image))
    with ExitStack() as around_it:
        process = around_it.enter_context(container(image, around.snapshots, wishes))
        around_it.enter_context(publish(tuple(Published.parse(text) for text in flags["publish"])))
        running = start(process)
        around_it.enter_context(passing_signals(running, stop))
        if wishes.terminal:
            around_it.enter_context(attached(running, interactive=flags["interactive"]))
        return running.wait(write_through)


def _wishes(arguments: tuple[str, ...], flags: Mapping[str, Any], environment: Mapping[str, str]) -> Wishes:
    from lissom.cli.terminal import relay_input
    from lissom.sandbox.mounts import Limits
    from lissom.verify.container import Wishes

    if flags["terminal"] and flags["interactive"] and not os.isatty(0):
        raise UsageError("cannot use -t: standard input is no terminal", hint="leave -t out, -i is enough for a pipe")
    if flags["network"] == "none" and flags["publish"]:
        raise UsageError("cannot publish ports: with --network none nothing from outside reaches the container")
    reads_input = flags["interactive"] and not flags["terminal"]
    return Wishes(
        command=arguments,
        entrypoint=None if flags["entrypoint"] is None else tuple(shlex.split(flags["entrypoint"])),
        env=_variables(flags, environment),
        user=flags["user"],
        workdir=flags["workdir"],
        mounts=(*map(_volume, flags["volume"]), *map(_tmpfs, flags["tmpfs"])),
        network=flags["network"],
        hostname=flags["hostname"],
        hosts=tuple(_host(text) for text in flags["add_host"]),
        readonly=flags["read_only"],
        shm_size=_size(flags["shm_size"]),
        limits=Limits.parse(flags["ulimit"]),
        capabilities=_capabilities(flags["cap_add"], flags["cap_drop"]),
        init=flags["init"],
        terminal=flags["terminal"],
        # An ordinary user's command starts again as root of a namespace: input is not to be touched before.
        stdin=relay_input() if reads_input and os.geteuid() == 0 else None,
    )


def _variables(flags: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    words = [line for path in flags["env_file"] for line in _lines(path)]
    found = {}
    for word in (*words, *flags["env"]):
        name, equals, value = word.partition("=")
        if not name:
            raise UsageError(f"cannot set variable `{word}`: the name is missing")
        if equals:
            found[name] = value
        elif name in environment:
            found[name] = environment[name]
    return found


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror}") from error
    return [line.lstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _volume(text: str) -> Mount:
    from lissom.sandbox.mounts import Bind

    source, colon, rest = text.partition(":")
    target, _, options = rest.partition(":")
    if not colon or not target.startswith("/"):
        raise UsageError(f"cannot use volume `{text}`: it is not SOURCE:TARGET[:ro] with an absolute target")
    unknown = set(options.split(",")) - {"", "ro", "rw", "z", "Z"}
    if unknown:
        raise UsageError(f"cannot use volume `{text}`: unknown option `{min(unknown)}`", hint="known: ro, rw")
    if not Path(source).exists():
        raise UsageError(f"cannot use volume `{text}`: `{source}` does not exist")
    return Bind(Path(source).absolute(), target, readonly="ro" in options.split(","))


def _tmpfs(text: str) -> Mount:
    from lissom.sandbox.mounts import Tmpfs

    target, _, options = text.partition(":")
    values = dict(option.partition("=")[::2] for option in options.split(",") if option)
    if not target.startswith("/"):
        raise UsageError(f"cannot use tmpfs `{text}`: the path is not absolute")
    size = _size(values["size"]) if "size" in values else None
    return Tmpfs(target, size, int(values.get("mode", "1777"), 8), exec="exec" in values)


def _host(text: str) -> tuple[str, str]:
    name, colon, address = text.partition(":")
    if not (name and colon and address):
        raise UsageError(f"cannot use --add-host `{text}`: it is not NAME:ADDRESS")
    return name, "127.0.0.1" if address == "host-gateway" else address.strip("[]")


def _size(text: str) -> int:
    units = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    digits = text.rstrip("bBkKmMgG")
    unit = text[len(digits) :].lower()
    if not digits.isdigit() or unit.removesuffix("b") not in units:
        raise UsageError(f"cannot read size `{text}`: it is not a number with b, k, m or g")
    return int(digits) * units[unit.removesuffix("b")]


def _capabilities(add: tuple[str, ...], drop: tuple[str, ...]) -> frozenset[str]:
    from lissom.sandbox.capabilities import DEFAULT

    def plain(names: tuple[str, ...]) -> set[str]:
        return {name.upper().removeprefix("CAP_") for name in names}

    kept = frozenset() if "ALL" in plain(drop) else DEFAULT - plain(drop)
    return kept | plain(add)


def _signal(text: str) -> signal.Signals:
    try:
        return signal.Signals(int(text)) if text.isdigit() else signal.Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    except (KeyError, ValueError) as error:
        raise UsageError(f"cannot use signal `{text}`: there is none of this name") from error
