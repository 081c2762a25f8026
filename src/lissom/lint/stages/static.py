"""Pages that Node.js makes and a web server of Debian serves."""

from __future__ import annotations

from lissom.lint.stages.app import app_places
from lissom.lint.stages.node import TOOLS
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import Recipe
from lissom.lint.stages.runtimes import debian_slim, release_of

__all__ = ["recognise"]

_SERVERS = {"nginx": "nginx", "apache2ctl": "apache2", "apachectl": "apache2", "lighttpd": "lighttpd"}


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a site whose build leaves nothing that Node.js runs."""
    base = reading.stage.base
    words = reading.start.words
    if base.language != "node" or base.family != "debian" or not words or not reading.calls("npm", "yarn", "pnpm"):
        return None
    package = _SERVERS.get(words[0].rpartition("/")[2])
    release = release_of(base)
    if package not in reading.packages or not release or reading.start.entrypoint is not None:
        return None
    return Recipe("Pages", debian_slim(release), release, TOOLS, ("ca-certificates",), sources=app_places(reading))
