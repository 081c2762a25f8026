"""What package.json says of a Node.js app: its scripts, and what only its development needs."""

from __future__ import annotations

import json
import re
import shlex

from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import Doubt

__all__ = ["MANAGERS", "check_browsers", "script_words", "starts_development"]

MANAGERS = ("npm", "yarn", "pnpm")


def script_words(reading: Reading, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What a package manager starts when it gets ``words``; None if that is more than one call of node."""
    name = words[-1] if words else ""
    if words not in ((name,), ("run", name)):
        return None
    scripts = _package(reading).get("scripts")
    text = scripts.get(name) if isinstance(scripts, dict) else None
    if not isinstance(text, str) or not isinstance(scripts, dict):
        return None
    try:
        split = shlex.split(text)
    except ValueError:
        return None
    if f"pre{name}" in scripts or f"post{name}" in scripts or split[:1] != ["node"]:
        return None
    return None if any(set(word) & set("|&;<>()$`*?=") for word in split) else tuple(split)


def starts_development(reading: Reading) -> bool:
    """Whether the container may start one of the packages that only the build should need."""
    words = reading.start.words
    if not words or words[0] in ("node", "nodejs") or words[0].endswith(".js"):
        return words is None
    package = _package(reading)
    scripts, development = package.get("scripts"), package.get("devDependencies")
    if words[0] not in MANAGERS or not isinstance(scripts, dict):
        return True
    called = set(re.findall(r"[\w-]+", " ".join(str(scripts.get(name, "")) for name in ("prestart", *words[1:]))))
    packages = [str(name) for name in development] if isinstance(development, dict) else []
    names = {name.rpartition("/")[2] for name in packages if not name.startswith("@types/")}
    return bool(called & names) or bool({"tsc", "ts-node"} & called)


def check_browsers(reading: Reading) -> None:
    """Doubt that the app drives a browser: installers put that into the home directory."""
    text = reading.file(reading.beside(reading.workdir, "package.json") or "") or b""
    calls = [one for one in reading.commands if {"playwright", "puppeteer", "cypress"} & set(one.call.args)]
    if calls or re.search(rb'"(?:puppeteer|playwright|@playwright/test)"\s*:', text.partition(b'"devDependencies"')[0]):
        where = calls[0].call.simple.span if calls else reading.stage.stage.from_.image_span
        raise Doubt(where, "it installs a browser outside of the app's directory")


def _package(reading: Reading) -> dict[str, object]:
    """The app's package.json; empty if there is none, or it cannot be read."""
    place = reading.beside(reading.workdir, "package.json")
    try:
        found = json.loads(reading.file(place or "") or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
