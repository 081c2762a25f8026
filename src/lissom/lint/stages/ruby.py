"""Ruby: gems that Bundler installs, or an app that needs nothing but Debian's packages of Ruby."""

from __future__ import annotations

from lissom.lint.stages.app import app_places
from lissom.lint.stages.packages import has_tools
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import FULL, debian_slim, release_of, slim_of

__all__ = ["recognise"]

_TOOLS = frozenset(("bundle", "bundler", "gem", "rake", "rails"))
_BUNDLE = "/usr/local/bundle"


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for an app on an image of Ruby."""
    base = reading.stage.base
    if base.name.rpartition("/")[2] != "ruby" or base.family != "debian":
        return None
    from_ = reading.stage.stage.from_
    places = app_places(reading)
    if not reading.calls(*_TOOLS):
        return _of_packages(reading, places)
    if reading.calls("gem") or not reading.calls("bundle"):
        raise Doubt(from_.image_span, "where its gems go cannot be told")
    slim = slim_of(base, from_.image)
    if slim is None:
        raise Doubt(from_.image_span, f"of `{from_.image}` no slim variant is known")
    if any(
        value in ("--path", "--deployment", "path", "deployment")
        for one in reading.calls("bundle")
        for value in one.call.args
    ):
        gems: tuple[str, ...] = ()
    else:
        gems = (_BUNDLE,)
    if slim == from_.image and not has_tools(reading.packages):
        return None
    full = () if slim == from_.image else FULL
    return Recipe("Ruby", slim, release_of(base), _TOOLS, full, carried=(*gems, *places))


def _of_packages(reading: Reading, places: tuple[str, ...]) -> Recipe | None:
    """Programs in /usr/bin are Debian's, and so is the Ruby that they start: the image's own is not in the game."""
    words = reading.start.words
    if not words or words[0] not in reading.packages or "ruby" in words[0]:
        return None
    if not any(package.startswith("ruby-") for package in reading.packages):
        return None
    release = release_of(reading.stage.base) or "bookworm"
    return Recipe(
        "Ruby", debian_slim(release), release, _TOOLS, FULL, carried=places, env=(("LANG", "C.UTF-8"),), builds=False
    )
