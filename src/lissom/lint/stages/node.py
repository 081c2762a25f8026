"""Node.js: npm, yarn, pnpm; apps that are run as they are written, and apps that a build step makes."""

from __future__ import annotations

from lissom.lint.effects.paths import covers
from lissom.lint.stages.app import app_places
from lissom.lint.stages.node_package import MANAGERS, check_browsers, script_words, starts_development
from lissom.lint.stages.packages import has_tools
from lissom.lint.stages.reading import Called, Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import ALPINE, FULL, debian_slim, release_of, slim_of

__all__ = ["TOOLS", "recognise"]

TOOLS = frozenset((*MANAGERS, "npx", "corepack", "node", "tsc", "node-gyp", "vite", "webpack", "ng", "next", "tsx"))
_USER = (
    "groupadd --gid 1000 node",
    "useradd --uid 1000 --gid node --shell /bin/bash --create-home node",
)
_LAST_CLOSED = 14
"""The slim variants of versions before this one stand on releases of Debian whose archives are closed."""


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for an app on an image of Node.js."""
    base = reading.stage.base
    installs = [one for one in reading.calls(*MANAGERS) if _verb(one) in ("", "install", "i", "ci", "add")]
    if (
        base.language != "node"
        or base.family not in ("debian", ALPINE)
        or not any(not _is_global(one) for one in installs)
    ):
        return None
    check_browsers(reading)
    places = app_places(reading)
    after = _pruned(reading, places)
    from_ = reading.stage.stage.from_
    major = _major(base.tag)
    if base.family == ALPINE or (not reading.bare and (major is None or major >= _LAST_CLOSED)):
        slim = slim_of(base, from_.image)
        if slim is None:
            raise Doubt(from_.image_span, f"of `{from_.image}` no slim variant is known")
        if slim == from_.image and not after and not has_tools(reading.packages, release_of(base)):
            return None
        source = reading.subject.dockerfile.source
        started = [
            source.cut(one.call.simple.span) for one in installs if _is_global(one) and _is_started(reading, one)
        ]
        command = _without_pnpm(reading)
        return Recipe(
            "Node.js",
            slim,
            release_of(base),
            TOOLS,
            () if slim == from_.image else FULL,
            carried=places,
            after=after,
            ahead=tuple(started),
            command=command,
        )
    command = _without_npm(reading)
    carried = ("/usr/local/bin/node", *places)
    users = _USER if _wants_user(reading) else ()
    slim = debian_slim(release_of(base) or "bookworm")
    return Recipe("Node.js", slim, "bookworm", TOOLS, FULL, carried=carried, after=after, command=command, ahead=users)


def _pruned(reading: Reading, places: tuple[str, ...]) -> tuple[str, ...]:
    """What drops the packages that only the build step needed; nothing if there was none."""
    builds = [one for one in reading.calls(*MANAGERS) if _is_build(one)]
    if not builds or reading.workdir not in places or any(_is_development(one) for one in reading.commands):
        return ()
    if {reading.cwd(one.step) for one in builds} != {reading.workdir} or starts_development(reading):
        return ()
    manager = builds[-1].call.program
    major = _major(reading.stage.base.tag)
    if manager == "npm":
        return ("RUN npm prune --omit=dev" if major is None or major >= 16 else "RUN npm prune --production",)
    if manager == "pnpm":
        return ("RUN CI=true pnpm prune --prod",)
    berry = any(reading.beside(reading.workdir, name) and reading.file(name) for name in (".yarnrc.yml",))
    return () if berry else ("RUN yarn install --production --ignore-scripts --prefer-offline",)


def _is_build(one: Called) -> bool:
    values = [value for value in one.call.args if not value.startswith("-")]
    if one.call.program == "npm":
        return values[:1] in (["run"], ["run-script"]) and values[1:2] != ["start"]
    return values[:1] == ["build"] or (values[:1] == ["run"] and values[1:2] != ["start"])


def _is_development(one: Called) -> bool:
    return one.call.program in MANAGERS and any(v in ("--production", "--omit=dev", "--prod") for v in one.call.args)


def _without_npm(reading: Reading) -> tuple[str, ...] | None:
    """What the container starts once neither npm nor the image's entry script is there; None: as it is."""
    start = reading.start
    words = start.words
    where = (start.cmd or start.entrypoint or reading.stage.stage.from_).span
    if start.entrypoint is not None:
        if words and words[0] == "node":
            return None
        raise Doubt(where, "what it starts may need npm")
    if not words and start.cmd is None:
        return ("node",)
    if not words:
        raise Doubt(where, "what it starts may need npm")
    if words[0] in ("node", "nodejs"):
        return None if words[0] == "node" else ("node", *words[1:])
    if words[0] in MANAGERS:
        if script := script_words(reading, words[1:]):
            return script
        raise Doubt(where, f"what `{' '.join(words)}` starts cannot be told")
    if words[0].startswith("-") or words[0].endswith((".js", ".mjs", ".cjs")):
        return ("node", *words)
    raise Doubt(where, f"what `{words[0]}` starts may need npm")


def _without_pnpm(reading: Reading) -> tuple[str, ...] | None:
    """What pnpm would start: the image does not have it, the build brought it."""
    words = reading.start.words
    if not words or words[0] != "pnpm":
        return None
    script = script_words(reading, words[1:])
    if script is None:
        where = (reading.start.cmd or reading.start.entrypoint or reading.stage.stage.from_).span
        raise Doubt(where, f"what `{' '.join(words)}` starts cannot be told")
    return script


def _is_global(one: Called) -> bool:
    return one.call.has("-g", "--global", "--location=global") or one.call.args[:1] == ("global",)


def _is_started(reading: Reading, one: Called) -> bool:
    names = {value.rpartition("/")[2].partition("@")[0] for value in one.call.args if not value.startswith("-")}
    text = " ".join(
        word for start in (reading.start.entrypoint, reading.start.cmd) if start for word in start.command.args
    )
    return any(name in text for name in names - {"install", "i", "add", "global", ""} - set(MANAGERS))


def _wants_user(reading: Reading) -> bool:
    text = reading.subject.dockerfile.source.text
    return any(covers("/home/node", path) for path in (reading.workdir,)) or "node:node" in text or "USER node" in text


def _major(tag: str) -> int | None:
    number = tag.partition(".")[0].partition("-")[0]
    return int(number) if number.isdecimal() and len(number) < 5 else None


def _verb(one: Called) -> str:
    return next((value for value in one.call.args if not value.startswith("-")), "")
