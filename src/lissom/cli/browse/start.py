"""Browsers, begun on this terminal. What draws them is loaded only then."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lissom.errors import UsageError

if TYPE_CHECKING:
    from lissom.analysis.comparison import Difference
    from lissom.analysis.ledger.share import Ledger
    from lissom.api.world import World
    from lissom.oci.platform import Platform

__all__ = ["browse_difference", "browse_image", "check_terminal"]


def check_terminal(*, as_json: bool) -> None:
    """Raise UsageError where nobody could see a browser or press a key, or where JSON is asked for as well."""
    if as_json:
        raise UsageError("cannot browse: --json asks for data on stdout", hint="leave out one of -i and --json")
    for stream, name in ((sys.stdin, "stdin"), (sys.stdout, "stdout")):
        if not stream.isatty():
            raise UsageError(
                f"cannot browse: {name} is not a terminal", hint="--html writes a page; without -i there is a summary"
            )


def browse_image(world: World, ledger: Ledger, *, platform: Platform | None) -> None:
    """Browse the image of ``ledger`` until the user has seen enough."""
    from lissom.api.layer_files import layer_files
    from lissom.cli.browse.image import ImageBrowser

    with layer_files(world, ledger.name, platform=platform) as files:
        ImageBrowser(ledger, files, directory=Path.cwd()).run()


def browse_difference(found: Difference) -> None:
    """Browse what differs between two images until the user has seen enough."""
    from lissom.cli.browse.difference import DifferenceBrowser

    DifferenceBrowser(found).run()
