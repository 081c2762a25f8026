"""Go: what `go build` writes, and the files beside it that the program reads when it runs."""

from __future__ import annotations

import re

from lissom.lint.effects.paths import covers, joined
from lissom.lint.stages.app import source_places
from lissom.lint.stages.data import data_beside
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import ALPINE, FULL, plain, release_of

__all__ = ["recognise"]

_TOOLS = frozenset(("go", "gofmt", "golint", "staticcheck"))
_SOURCES = (".go", "go.mod", "go.sum", "go.work", ".golangci.yml")
_EMBED = re.compile(rb"^//go:embed\s+(.+)$", re.MULTILINE)


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a program that is built on an image of Go."""
    base = reading.stage.base
    builds = [one for one in reading.calls("go") if one.call.args[:1] in (("build",), ("install",))]
    if base.language != "go" or base.family not in ("debian", ALPINE) or not builds:
        return None
    release = release_of(base)
    if not release:
        raise Doubt(reading.stage.stage.from_.image_span, f"on which Debian `{base.image}` stands cannot be told")
    programs = [_program(reading, one) for one in builds]
    _check_started(reading, programs)
    sources = source_places(reading, builds)
    names = FULL if release != ALPINE else ("ca-certificates", "tzdata")
    env = (("PATH", "/go/bin:$PATH"),) if any(covers("/go/bin", one) for one in programs) else ()
    carried = (*programs, *data_beside(reading, _SOURCES, _embedded(reading)))
    ecosystem = "static Go" if all(_is_static(one) for one in builds) else "Go"
    return Recipe(
        ecosystem, plain(base, release), release, _TOOLS, names, sources=(*sources, "/go"), carried=carried, env=env
    )


def _is_static(one: Called) -> bool:
    """Whether the program needs no library."""
    if one.step.env.get("CGO_ENABLED") == "0":
        return True
    return any(word.text == "CGO_ENABLED=0" for word in (*one.call.simple.assignments, *one.call.simple.words))


def _program(reading: Reading, one: Called) -> str:
    """The file that a `go build` or `go install` writes."""
    cwd = reading.cwd_of(one)
    option = one.call.option("-o")
    packages = list(one.call.operands_with(("-o", "-ldflags", "-tags", "-gcflags", "-p", "-mod")))[1:]
    names = [word.value or word.text for word in packages]
    unclear = Doubt(one.call.simple.span, "which program it writes cannot be told")
    if "${" in cwd or len(names) > 1 or any("..." in name or "$" in name for name in names):
        raise unclear
    name = _name(reading, cwd, names[0] if names else ".")
    if not name and (option is None or one.call.args[0] == "install"):
        raise unclear
    if one.call.args[0] == "install":
        return f"/go/bin/{name}"
    if option is None:
        return joined(cwd, name)
    words = list(one.call.words)
    written = words[words.index(option) + 1] if (option.value or "") == "-o" and option in words[:-1] else None
    target = written.value if written else (option.value or "").partition("=")[2]
    if not target:
        raise unclear
    into = target.endswith("/") or target == "."
    if into and not name:
        raise unclear
    return joined(joined(cwd, target), name) if into else joined(cwd, target)


def _name(reading: Reading, cwd: str, package: str) -> str:
    """What Go calls the program of a package: its directory's last part, or the module's at the module's root."""
    path = package.partition("@")[0]
    if not path.startswith("."):
        return path.rstrip("/").rpartition("/")[2]
    place = joined(cwd, path)
    module = reading.beside(place, "go.mod")
    data = reading.file(module) if module else None
    if data is None:
        return place.rpartition("/")[2] if place != cwd else ""
    found = re.search(rb"^module\s+(\S+)", data, re.MULTILINE)
    parts = found[1].decode("utf-8", "replace").strip('"').split("/") if found else [""]
    versioned = len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1])
    return parts[-2] if versioned else parts[-1]


def _check_started(reading: Reading, programs: list[str]) -> None:
    """Doubt that the container starts one of the programs."""
    start = reading.start
    where = (start.entrypoint or start.cmd or reading.stage.stage.from_).span
    words = start.words
    if not words:
        raise Doubt(where, "which program it starts cannot be told")
    for program in programs:
        named = words[0] == program.rpartition("/")[2] and covers("/go/bin", program)
        named |= words[0] == program.rpartition("/")[2] and covers("/usr/local/bin", program)
        if named or joined(reading.workdir, words[0]) == program:
            return
    raise Doubt(where, f"`{words[0]}` is none of the programs that are built")


def _embedded(reading: Reading) -> set[str]:
    names: set[str] = set()
    for _, data in reading.seen((".go",)):
        for line in _EMBED.findall(data):
            names |= {word.partition("/")[0] for word in line.decode("utf-8", "replace").split()}
    return names
