"""The lines of an image's history: which layer each made, what it says, and where it stands in a Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lissom.analysis.ledger.share import Step

__all__ = ["instruction_of", "read_steps"]

_KEYWORDS = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
     "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)  # fmt: skip
_WORD = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\)\s+)?([A-Z]+)(?=\s|$)")
_PLAIN_RUN = re.compile(r"(?:\|\d+ .*)?/bin/(?:ba|da|a)?sh(?: -\S+)* |/busybox/sh |\|\d+ |cmd /S /C|powershell ")
_LONGEST = 64 << 10


def instruction_of(created_by: str) -> str:
    """The keyword of a history line of any builder; empty where it does not tell."""
    match = _WORD.match(created_by)
    if match and match[1] in _KEYWORDS:
        return match[1]
    return "RUN" if _PLAIN_RUN.match(created_by) else ""


def read_steps(
    history: Sequence[Mapping[str, Any]],
    layers: int,
    *,
    base_layers: int = 0,
    base_steps: int | None = None,
    lines: Mapping[int, tuple[int, int]] | None = None,
    file: str | None = None,
) -> tuple[Step, ...]:
    """Steps with their layers, sizes left out. Layers that the history does not tell of get a line without text.

    The lowest ``base_layers`` are the base's, and with them ``base_steps`` lines (None: up to the last of its layers).
    ``lines`` are first and last line in ``file``, by step.
    """
    rows: list[tuple[str, int | None]] = []
    layer = 0
    for line in history:
        holds = not line.get("empty_layer") and layer < layers
        rows.append((str(line.get("created_by") or "")[:_LONGEST], layer if holds else None))
        layer += holds
    rows.extend(("", number) for number in range(layer, layers))
    last = max((number for number, (_, at) in enumerate(rows) if at is not None and at < base_layers), default=-1)
    below = base_steps if base_steps is not None else last + 1
    known = lines or {}
    return tuple(
        Step(
            number,
            text,
            at,
            known.get(number),
            file if number in known else None,
            at < base_layers if at is not None else number < below,
            instruction_of(text),
        )
        for number, (text, at) in enumerate(rows)
    )
