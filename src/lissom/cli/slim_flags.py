"""What the flags of ``lissom slim`` say, as values; all that is wrong with them is told before any work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lissom.context.ignore import Ignore
from lissom.errors import UsageError
from lissom.rootfs.compress import Compression
from lissom.slim.options import Options
from lissom.slim.scene import Level
from lissom.verify.patience import Patience
from lissom.verify.probe import DEFAULT, Probes
from lissom.verify.probes_file import load_probes
from lissom.verify.words import parse_exec, parse_http

__all__ = ["check_slim", "check_verify", "options_of", "probes_of"]

_OF_SLIMMING = ("tags", "keep", "drop", "share", "report", "seccomp", "removed")
_FLAGS = {"tags": "-t"}


def check_slim(images: tuple[str, ...], flags: Mapping[str, Any]) -> None:
    """Raise UsageError for flags that do not go together, and for files that cannot be written."""
    tags = flags["tags"]
    if tags and len(tags) != len(images):
        raise UsageError(
            f"cannot name {_count(len(images), 'image')} with {_count(len(tags), 'tag')}",
            hint="give -t once for each IMAGE",
        )
    twice = next((tag for number, tag in enumerate(tags) if tag in tags[:number] or tag == flags["removed"]), None)
    if twice is not None:
        raise UsageError(f"cannot name two images `{twice}`")
    alone = [name for name in ("report", "seccomp", "removed") if flags[name] and len(images) > 1]
    if alone:
        raise UsageError(f"cannot use --{alone[0]} for {len(images)} images", hint="slim them one at a time")
    if flags["share"] and len(images) < 2:
        raise UsageError("cannot share layers: there is one image", hint="name all that are to share a base")
    for path in flags["report"]:
        if path.suffix not in (".html", ".json"):
            raise UsageError(f"cannot write report `{path}`: its name ends neither in .html nor in .json")
    for path in (*flags["report"], *([flags["seccomp"]] if flags["seccomp"] else [])):
        _check_place(path)
    for patterns in (flags["keep"], flags["drop"]):
        Ignore.of(patterns)


def check_verify(images: tuple[str, ...], flags: Mapping[str, Any]) -> None:
    """Raise UsageError unless there are two images and nothing that only slimming does."""
    if len(images) != 2:
        raise UsageError(
            f"cannot verify {_count(len(images), 'image')}", hint="name two: the original, then the other one"
        )
    for name in _OF_SLIMMING:
        if flags[name]:
            raise UsageError(f"cannot use {_FLAGS.get(name, f'--{name}')} with --verify-only: nothing is slimmed")


def _check_place(path: Path) -> None:
    place = path.absolute()
    cause = None
    if not place.parent.is_dir():
        cause = f"there is no directory `{path.parent}`"
    elif place.is_dir():
        cause = "it is a directory"
    elif not os.access(place if place.exists() else place.parent, os.W_OK):
        cause = "it is not yours to write"
    if cause:
        raise UsageError(f"cannot write `{path}`: {cause}")


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def probes_of(flags: Mapping[str, Any]) -> Probes:
    """What is to be asked. Raises UsageError."""
    checks = [*map(parse_http, flags["http"]), *map(parse_exec, flags["execs"])]
    probes = Probes.of(*checks, crawl=flags["crawl"])
    for path in flags["probes"]:
        probes = load_probes(path).plus(probes)
    return _with_instance(probes, flags)


def _with_instance(probes: Probes, flags: Mapping[str, Any]) -> Probes:
    """The probes with what flags say of the container that they speak to."""
    default = probes.instance(DEFAULT)
    for text in flags["wait"]:
        if text.startswith(("/", "log:")) or text in ("redis", "pg"):
            default = replace(default, ready=text)
        elif text.removesuffix("s").replace(".", "", 1).isdigit():
            default = replace(default, ready_timeout=float(text.removesuffix("s")))
        else:
            raise UsageError(f"cannot wait for `{text}`", hint="give seconds, a path such as /healthz, or log:TEXT")
    if flags["port"]:
        default = replace(default, port=flags["port"])
    if flags["user"]:
        default = replace(default, user=flags["user"])
    for text in flags["env"]:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"cannot set variable `{text}`: it is not K=V")
        default = replace(default, env=(*default.env, (name, value)))
    return replace(probes, instances={**probes.instances, DEFAULT: default}, port=flags["port"] or probes.port)


def options_of(environment: Mapping[str, str], flags: Mapping[str, Any]) -> Options:
    """How to slim. Raises UsageError."""
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdigit():
        raise UsageError(f"cannot use SOURCE_DATE_EPOCH `{epoch}`: it is no number of seconds")
    return Options(
        level=Level(flags["level"]),
        keep=flags["keep"],
        drop=flags["drop"],
        boundaries=flags["layers"] == "keep",
        strip=not flags["no_strip"],
        link=not flags["no_jlink"],
        calls=flags["seccomp"] is not None,
        network=flags["network"],
        patience=Patience().times(flags["patience"]),
        environment=dict(environment),
        compression=Compression.parse(flags["compression"]),
        timestamp=flags["timestamp"] if flags["timestamp"] is not None else int(epoch) if epoch else None,
    )
