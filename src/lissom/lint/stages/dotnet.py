""".NET: what `dotnet publish` writes, on the image that runs it."""

from __future__ import annotations

from lissom.lint.effects.paths import covers, joined
from lissom.lint.stages.app import app_places
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import release_of

__all__ = ["recognise"]

_SDK = "mcr.microsoft.com/dotnet/sdk"
_TOOLS = frozenset(("dotnet",))
_WEB = b"Microsoft.NET.Sdk.Web"


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a program that the image of the SDK publishes and starts."""
    base = reading.stage.base
    from_ = reading.stage.stage.from_
    published = [one for one in reading.calls("dotnet") if one.call.args[:1] == ("publish",)]
    if base.name != _SDK or base.family != "debian" or not published:
        return None
    words = reading.start.words
    where = (reading.start.entrypoint or reading.start.cmd or from_).span
    if not words or words[0] != "dotnet" or len(words) < 2 or not words[1].endswith(".dll"):
        raise Doubt(where, "which program it starts cannot be told")
    program = joined(reading.workdir, words[1])
    options = [one.call.option("-o", "--output") for one in published]
    places = []
    for one, option in zip(published, options, strict=True):
        if option is None or "${" in reading.cwd_of(one):
            raise Doubt(one.call.simple.span, "where it publishes to cannot be told")
        values = list(one.call.words)
        at = values.index(option)
        text = (option.value or "").partition("=")[2] or (values[at + 1].value if at + 1 < len(values) else None)
        if not text:
            raise Doubt(one.call.simple.span, "where it publishes to cannot be told")
        places.append(joined(reading.cwd_of(one), text))
    place = next((place for place in places if covers(place, program)), None)
    if place is None:
        raise Doubt(where, f"`{words[1]}` is not what is published")
    runtime = "aspnet" if _is_web(reading) else "runtime"
    image = from_.image.replace("/dotnet/sdk", f"/dotnet/{runtime}", 1)
    return Recipe(".NET", image, release_of(base), _TOOLS, sources=app_places(reading), carried=(place,))


def _is_web(reading: Reading) -> bool:
    """Whether it needs the libraries of web servers; yes when no project is there to look at."""
    projects = list(reading.seen((".csproj", ".fsproj", ".vbproj")))
    return not projects or any(_WEB in data for _, data in projects)
