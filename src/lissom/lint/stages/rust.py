"""Rust: what `cargo build --release` or `cargo install` writes."""

from __future__ import annotations

import tomllib

from lissom.lint.effects.paths import covers, joined
from lissom.lint.stages.app import source_places
from lissom.lint.stages.data import data_beside
from lissom.lint.stages.reading import Reading
from lissom.lint.stages.recipe import Doubt, Recipe
from lissom.lint.stages.runtimes import ALPINE, FULL, plain, release_of

__all__ = ["recognise"]

_TOOLS = frozenset(("cargo", "rustup", "rustc"))
_SOURCES = (".rs", ".toml", ".lock")


def recognise(reading: Reading) -> Recipe | None:
    """A recipe for a program that is built on an image of Rust."""
    base = reading.stage.base
    builds = [one for one in reading.calls("cargo") if one.call.args[:1] in (("build",), ("install",))]
    if base.language != "rust" or base.family not in ("debian", ALPINE) or not builds:
        return None
    image = reading.stage.stage.from_.image_span
    release = release_of(base)
    if not release:
        raise Doubt(image, f"on which Debian `{base.image}` stands cannot be told")
    start = reading.start
    words = start.words
    where = (start.cmd or start.entrypoint or reading.stage.stage.from_).span
    if not words:
        raise Doubt(where, "which program it starts cannot be told")
    if any(one.call.has("--target", "--target-dir") for one in builds) or any(
        "CARGO_TARGET_DIR" in s.env for s in reading.stage.runs
    ):
        raise Doubt(builds[0].call.simple.span, "it names where programs go")
    program = _program(reading, words[0])
    if program is None:
        raise Doubt(where, f"`{words[0]}` is none of the programs that are built")
    sources = source_places(reading, builds)
    full = FULL if release != ALPINE else ("ca-certificates", "tzdata")
    packages = (*full, *(("libssl3",) if _links_openssl(reading) and release == "bookworm" else ()))
    env = (("PATH", "/usr/local/cargo/bin:$PATH"),) if covers("/usr/local/cargo", program) else ()
    carried = (program, *data_beside(reading, _SOURCES, ("src", "target", "tests", "benches")))
    return Recipe(
        "Rust",
        plain(base, release),
        release,
        _TOOLS,
        packages,
        sources=(*sources, "/usr/local/cargo"),
        carried=carried,
        env=env,
    )


def _program(reading: Reading, word: str) -> str | None:
    """The file behind the first word of the command, if the build makes it."""
    if "/" not in word:
        installed = any(one.call.args[:1] == ("install",) for one in reading.calls("cargo"))
        return f"/usr/local/cargo/bin/{word}" if installed and word in _names(reading) else None
    path = joined(reading.workdir, word)
    for one in reading.calls("cargo"):
        place = "release" if one.call.has("--release", "-r") else "debug"
        if path == joined(reading.cwd_of(one), f"target/{place}/{path.rpartition('/')[2]}"):
            return path
    copied = {act.path for one in reading.commands for act in one.acts if "/target/" in act.source}
    return path if path in copied else None


def _names(reading: Reading) -> set[str]:
    try:
        manifest = tomllib.loads((reading.file("Cargo.toml") or b"").decode())
    except (ValueError, RecursionError):
        return set()
    package, programs = manifest.get("package"), manifest.get("bin")
    found = [package, *(programs if isinstance(programs, list) else ())]
    return {str(one.get("name", "")) for one in found if isinstance(one, dict)}


def _links_openssl(reading: Reading) -> bool:
    lock = reading.file("Cargo.lock") or reading.file("Cargo.toml") or b""
    return b"openssl" in lock or b"native-tls" in lock
