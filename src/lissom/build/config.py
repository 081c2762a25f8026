"""The image config while instructions are folded into it: pure functions on JSON documents.

Field names and history lines are those that BuildKit writes.
"""

from __future__ import annotations

import copy
import json
import posixpath
import re
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from lissom.dockerfile.syntax import Command, Healthcheck
from lissom.oci.document import ImageConfig
from lissom.oci.platform import Platform

__all__ = [
    "DEFAULT_PATH",
    "add_history",
    "base_document",
    "clean_path",
    "environment",
    "health_document",
    "health_text",
    "is_signal",
    "ports",
    "quoted",
    "set_env",
    "shelled",
]

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COMMENT = "buildkit.dockerfile.v0"

_PORT = re.compile(r"(\d+)(?:-(\d+))?(?:/([A-Za-z]*))?")
_PROTOCOLS = ("tcp", "udp", "sctp")


def base_document(config: ImageConfig | None, platform: Platform) -> dict[str, Any]:
    """The document that a stage starts with: the base's without ``rootfs`` and ``created``, or an empty image's."""
    if config is None:
        document: dict[str, Any] = {"architecture": platform.architecture, "os": platform.os}
        if platform.variant:
            document["variant"] = platform.variant
        document["config"] = {"WorkingDir": "/"}
        document["history"] = []
    else:
        document = copy.deepcopy({k: v for k, v in config.document.items() if k not in ("rootfs", "created")})
        document.setdefault("architecture", platform.architecture)
        document.setdefault("os", platform.os)
        document["history"] = [dict(line) for line in config.history]
    settings = document["config"] = document.get("config") or {}
    if "PATH" not in environment(settings):
        settings["Env"] = [*(settings.get("Env") or []), f"PATH={DEFAULT_PATH}"]
    return document


def environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """``Env`` as a mapping."""
    return {name: value for name, _, value in (pair.partition("=") for pair in settings.get("Env") or [])}


def set_env(settings: dict[str, Any], name: str, value: str) -> None:
    """Set a variable of the config where it stands, or at the end."""
    env = list(settings.get("Env") or [])
    places = [i for i, pair in enumerate(env) if pair.partition("=")[0] == name]
    if places:
        env[places[0]] = f"{name}={value}"
    else:
        env.append(f"{name}={value}")
    settings["Env"] = env


def add_history(document: dict[str, Any], created_by: str, *, layer: bool = False) -> int:
    """Append a history line; returns its index."""
    line: dict[str, Any] = {"created_by": created_by, "comment": COMMENT}
    if not layer:
        line["empty_layer"] = True
    document["history"].append(line)
    return len(document["history"]) - 1


def shelled(command: Command, settings: Mapping[str, Any]) -> list[str]:
    """The argument list of a command: its words, or the image's SHELL and the line."""
    if not command.shell:
        return list(command.args)
    return [*(settings.get("Shell") or ["/bin/sh", "-c"]), " ".join(command.args)]


def quoted(words: Sequence[str]) -> str:
    """``["a" "b"]``, as Go prints a list of strings."""
    return "[" + " ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"


def clean_path(base: str, path: str) -> str:
    """``path`` below ``base``, absolute and clean; a trailing slash is kept."""
    joined = posixpath.normpath(posixpath.join("/", base, path))
    joined = "/" + joined.lstrip("/")
    directory = path in ("", ".") or path.endswith(("/", "/."))
    return joined + "/" if directory and joined != "/" else joined


def ports(word: str) -> list[str]:
    """``8000-8001/TCP`` as ``8000/tcp``, ``8001/tcp``. Raises ValueError with the cause."""
    container = word.rpartition(":")[2]
    match = _PORT.fullmatch(container)
    if match is None:
        raise ValueError(f"`{word}` is not a port, a range of ports, or either with /tcp, /udp or /sctp")
    first, last = int(match[1]), int(match[2] or match[1])
    protocol = (match[3] or "tcp").lower()
    if protocol not in _PROTOCOLS:
        raise ValueError(f"`{match[3]}` is not a protocol; use tcp, udp or sctp")
    if last > 65535:
        raise ValueError(f"port {last} is larger than 65535")
    if last < first:
        raise ValueError(f"the range {first}-{last} ends before it begins")
    return [f"{port}/{protocol}" for port in range(first, last + 1)]


def is_signal(text: str) -> bool:
    """Whether STOPSIGNAL accepts ``text``: a number, or a name in any case with or without SIG."""
    if re.fullmatch(r"\d+", text):
        return int(text) > 0
    name = text.upper().removeprefix("SIG")
    if re.fullmatch(r"RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?|STKFLT|IOT|POLL|CLD", name):
        return True
    return f"SIG{name}" in signal.Signals.__members__


def health_document(instruction: Healthcheck) -> dict[str, Any]:
    """``Healthcheck`` of the config; durations in nanoseconds, zeros left out."""
    if instruction.none or instruction.test is None:
        return {"Test": ["NONE"]}
    test = instruction.test
    document = {
        "Test": ["CMD-SHELL", " ".join(test.args)] if test.shell else ["CMD", *test.args],
        "Interval": instruction.interval,
        "Timeout": instruction.timeout,
        "StartPeriod": instruction.start_period,
        "StartInterval": instruction.start_interval,
        "Retries": instruction.retries,
    }
    return {name: value for name, value in document.items() if value}


def health_text(document: Mapping[str, Any]) -> str:
    """The history line's form of a health check."""
    fields = [f"Test:[{' '.join(document['Test'])}]"]
    names = ("Interval", "Timeout", "StartPeriod", "StartInterval")
    fields += [f"{name}:{_duration(document.get(name, 0))}" for name in names]
    return "{" + " ".join([*fields, f"Retries:{document.get('Retries', 0)}"]) + "}"


def _duration(nanoseconds: int) -> str:
    """Nanoseconds as Go prints a duration: ``1m30s``, ``1.5s``, ``20ms``."""
    if nanoseconds < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000)):
            if nanoseconds >= size:
                return f"{nanoseconds / size:.9f}".rstrip("0").rstrip(".") + unit
        return f"{nanoseconds}ns" if nanoseconds else "0s"
    minutes, rest = divmod(nanoseconds, 60 * 1_000_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / 1e9:.9f}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + seconds
