"""``lissom``: global flags, lazily loaded commands, errors and exit codes."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from lissom.cli.session import PROGRESS, Session
from lissom.errors import LissomError

__all__ = ["COMMANDS", "main", "run"]

# Name → module below lissom.cli and what `lissom --help` says; the module is imported when its command runs, and its
# click command is its attribute `command`.
COMMANDS: dict[str, tuple[str, str]] = {
    "build": ("build", "Build an image from a Dockerfile."),
    "slim": ("slim", "Keep what an image's app uses, and prove that it still works."),
    "distroless": ("distroless", "Build an image from Debian packages, without a shell."),
    "pull": ("pull", "Fetch an image from a registry into the store."),
    "push": ("push", "Send an image of the store to a registry."),
    "copy": ("copy", "Copy an image from one place to another."),
    "run": ("run", "Run a command in a container."),
    "attach": ("attach", "Attach files to an image: bills of materials, reports, signatures."),
    "referrers": ("referrers", "List what refers to an image, or get it."),
    "tags": ("tags", "List the tags of a repository in a registry."),
    "images": ("images", "List the images of the store."),
    "tag": ("tag", "Give an image another name, here or in a registry."),
    "rm": ("rm", "Remove names of images, here or in a registry."),
    "inspect": ("inspect", "Show an image as JSON."),
    "history": ("history", "Show how an image was made."),
    "save": ("save", "Write images to an archive."),
    "load": ("load", "Read images from an archive."),
    "mirrors": ("mirrors", "Show or time the places that images are fetched from."),
    "login": ("login", "Remember credentials for a registry."),
    "logout": ("logout", "Forget credentials for a registry."),
    "analyze": ("analyze", "Show where every byte of an image comes from, and which are waste."),
    "lint": ("lint", "Find what makes a Dockerfile's image fat, slow, unsafe or wrong."),
    "fix": ("fix", "Mend a Dockerfile, and prove that its image stays the same."),
    "why": ("why", "Say why a file of a slimmed image is there, or that it went."),
    "diff": ("diff", "Show what differs between two images."),
    "surface": ("surface", "Show what an attacker would find in an image."),
    "sbom": ("sbom", "Write a bill of materials of an image."),
    "squash": ("squash", "Merge layers of an image."),
    "df": ("df", "Show what the store holds and what can be freed."),
    "gc": ("gc", "Free what nothing in the store uses."),
}

EXAMPLES = """\b
Examples:
  lissom build -t app:1 .
  lissom images
  lissom save app:1 -o app.tar

Run `lissom COMMAND --help` for the flags and examples of a command."""


class Lazy(click.Group):
    """Commands by name; a command's module is imported when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name in COMMANDS if importlib.util.find_spec(f"lissom.cli.{COMMANDS[name][0]}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"lissom.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = importlib.import_module("difflib").get_close_matches(args[0], COMMANDS, 1)
            hint = f"\n\nhint: did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"cannot run `{args[0]}`: there is no such command{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Names and texts come from the table: help must not import every command.
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog=EXAMPLES,
)
@click.option("--root", metavar="DIR", help="The store. Default: LISSOM_ROOT, else a directory of the user's.")
@click.option("--config", metavar="FILE", help="Settings as TOML: root, progress, authfile, ca-file…")
@click.option("--progress", type=click.Choice(PROGRESS), help="How to show what happens.")
@click.option("-v", "--verbose", count=True, help="Say more: why steps ran, what was tried.")
@click.version_option(package_name="lissom", message="lissom %(version)s")
@click.pass_context
def lissom(ctx: click.Context, root: str | None, config: str | None, progress: str | None, verbose: int) -> None:
    """Build container images without a daemon, and make them small and safe."""
    ctx.obj = Session.of(os.environ, root=root, config=config, progress=progress, verbose=verbose)


def run(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one return for each exit code
    """Run one command; gives the exit code of DESIGN section 1."""
    try:
        code = lissom.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return _usage(error)
    except (click.Abort, KeyboardInterrupt):
        print("lissom: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except LissomError as error:
        return _failed(error)
    except BrokenPipeError:
        # Who reads has had enough, as `| head` does: that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    except Exception:  # noqa: BLE001 - the last resort, and the only place that catches all
        return _bug()
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException) -> int:
    context: Any = getattr(error, "ctx", None)
    if context is not None:
        print(context.get_usage(), file=sys.stderr)
    print(f"error: {error.format_message()}", file=sys.stderr)
    return 2


def _failed(error: LissomError) -> int:
    print(f"error: {_shown(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"\nhint: {_shown(error.hint)}", file=sys.stderr)
    return error.exit_code


def _shown(text: str) -> str:
    """Messages quote names and output of strangers: nothing in them may steer the terminal."""
    from lissom.cli.progress import harmless

    return "\n".join(harmless(line) for line in text.split("\n"))


def _bug() -> int:
    traceback.print_exc()
    print("\nerror: this is a bug of lissom; please report the lines above", file=sys.stderr)
    return 70


def main() -> None:
    """Run the command of this process and exit."""
    # Trees are many small objects without cycles: looking through them often finds nothing and takes long.
    gc.set_threshold(200_000, 20, 50)
    code = run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)
