"""From the target's state to an image: layers packed side by side, history and times filled in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from lissom.build.solve import State
from lissom.build.step import PlannedStage
from lissom.image.image import BlobSink, Image, Layer
from lissom.rootfs.compress import Compression
from lissom.store.snapshots import Snapshots

__all__ = ["assemble"]


def assemble(
    stage: PlannedStage,
    state: State,
    *,
    snapshots: Snapshots,
    sink: BlobSink,
    compression: Compression,
    timestamp: int | None,
    inherited: int,
    annotations: Mapping[str, str] | None = None,
) -> Image:
    """The image of ``state``. ``inherited`` counts the history lines of the outside base: they keep their times.

    With ``timestamp`` (seconds since 1970) no time of ours is later: files, history, image. Steps that changed nothing
    make no layer.
    """
    history, kept = _history(stage, state, timestamp, inherited)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        layers: Sequence[Layer] = list(pool.map(lambda d: snapshots.layer(d, compression, timestamp), kept))
    created = next((h["created"] for h in reversed(history) if h.get("created")), None)
    if timestamp is not None:
        created = _rfc3339(timestamp)
    document: dict[str, Any] = {**stage.config, "history": history}
    document = {"created": created or _rfc3339(int(datetime.now(UTC).timestamp())), **document}
    return Image.make(layers, document, sink, annotations=annotations)


def _history(
    stage: PlannedStage, state: State, timestamp: int | None, inherited: int
) -> tuple[list[dict[str, Any]], list[Any]]:
    """History lines with times, and the deltas that become layers."""
    lines = [dict(line) for line in stage.config.get("history", [])]
    base_layers = len(state.chain) - len(state.times)
    kept = list(state.chain[:base_layers])
    deltas = dict(zip(sorted(state.times), state.chain[base_layers:], strict=True))
    last = next((line["created"] for line in reversed(lines[:inherited]) if line.get("created")), None)
    first = min(state.times.values(), default=last)
    for number, line in enumerate(lines[inherited:], inherited):
        if number in state.times:
            last = state.times[number]
            if number in state.empty:
                line["empty_layer"] = True
            else:
                kept.append(deltas[number])
        elif last is None or number < min(state.times, default=number):
            last = first
        stamp = _rfc3339(timestamp) if timestamp is not None else last
        if stamp:
            lines[number] = {"created": stamp, **line}
    return lines, kept


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
