"""Progress on a terminal: running steps side by side with their last lines, then one line for each that ended."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live as Screen
from rich.text import Text

from lissom.cli.progress import Lines, harmless
from lissom.cli.totals import Totals
from lissom.events import (
    BlobMoved,
    Decision,
    Event,
    Planned,
    Served,
    Spared,
    StepCached,
    StepDone,
    StepOutput,
    StepStarted,
    Warned,
)
from lissom.report.terminal import size

__all__ = ["Live"]

_TAIL = 6
_BLOBS = 12
_BAR = 30
# What a line of a blob has beside its bar, in columns.
_BESIDE = 48
_WORDS = {"pull": "pulling", "push": "pushing", "unpack": "unpacking", "pack": "packing", "fetch": "fetching"}


@dataclass
class _Running:
    name: str
    started: float = field(default_factory=time.monotonic)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))


class Live:
    """A listener that draws on ``out`` until it is left; warnings are repeated at the end."""

    def __init__(self, out: TextIO, *, colour: bool, verbose: int = 0) -> None:
        self._verbose = verbose
        self._lock = threading.Lock()
        self._lines = Lines()
        self._running: dict[int, _Running] = {}
        self._moving: dict[tuple[str, str], BlobMoved] = {}
        self._totals = Totals()
        self._warnings: list[Warned] = []
        self._console = Console(file=out, no_color=not colour, highlight=False, soft_wrap=False)
        self._screen = Screen(get_renderable=self._draw, console=self._console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._screen.__exit__(kind, error, at)
        for warning in self._warnings:
            hint = f" (hint: {warning.hint})" if warning.hint else ""
            self._print([_line("! ", "yellow", f"{warning.message}{hint}")])

    def __call__(self, event: Event) -> None:
        with self._lock:
            lines = self._take(event)
        # Printing takes the screen's lock, whose holder may be waiting for ours in _draw.
        self._print(lines)

    def _take(self, event: Event) -> list[Text]:
        match event:
            case StepStarted(step, name):
                self._running[step] = _Running(name)
            case StepOutput(step):
                if step in self._running:
                    self._running[step].tail.extend(self._lines.feed(event))
            case StepCached(_, name):
                return [_line("= ", "blue", name, "cached")]
            case StepDone():
                return self._end(event)
            case Planned() | Spared() | BlobMoved():
                self._move(event)
            case Served(host, name, moved, seconds) if self._verbose:
                return [_line("  ", "dim", f"{name}: {size(moved)} from {host} in {seconds:.1f}s")]
            case Decision(subject, reason, telling) if telling or self._verbose:
                return [_line("  ", "dim", f"{subject}: {reason}")]
            case Warned():
                self._warnings.append(event)
        return []

    def _end(self, event: StepDone) -> list[Text]:
        running = self._running.pop(event.step, None)
        rest = self._lines.end(event.step)
        if event.error is None:
            grown = f" +{size(event.size)}" if event.size else ""
            return [_line("+ ", "green", event.name, f"{event.seconds:.1f}s{grown}")]
        tail = [*(running.tail if running else ()), *rest][-_TAIL:]
        return [*(_line("  │ ", "dim", line) for line in tail), _line("x ", "red", event.name, f"{event.seconds:.1f}s")]

    def _move(self, event: Planned | Spared | BlobMoved) -> None:
        self._totals.take(event)
        if not isinstance(event, BlobMoved):
            return
        key = (event.verb, event.name)
        if event.done == event.total:
            self._moving.pop(key, None)
        else:
            self._moving[key] = event

    def _print(self, lines: list[Text]) -> None:
        for line in lines:
            self._console.print(line, overflow="ellipsis", no_wrap=True)

    def _draw(self) -> RenderableType:
        now = time.monotonic()
        rows: list[Text] = []
        with self._lock:
            room = max(1, (self._console.height - min(_BLOBS, len(self._moving)) - 2) // max(1, len(self._running)) - 1)
            for running in self._running.values():
                rows.append(Text(f"> {_clean(running.name)}  {now - running.started:.1f}s", no_wrap=True))
                tail = list(running.tail)[-min(_TAIL, room) :]
                rows.extend(Text(f"  │ {line}", style="dim", no_wrap=True) for line in tail)
            rows.extend(_moved(event, self._console.width) for event in list(self._moving.values())[:_BLOBS])
            if self._totals.size > self._totals.done:
                rows.append(Text(f"  {self._totals}", no_wrap=True))
        for row in rows:
            row.truncate(self._console.width - 1, overflow="ellipsis")
        return Group(*rows)


def _line(mark: str, style: str, text: str, after: str = "") -> Text:
    line = Text(mark, style=style)
    line.append(_clean(text), style="default")
    if after:
        line.append(f"  {after}", style="dim")
    return line


def _moved(event: BlobMoved, width: int) -> Text:
    total = f" / {size(event.total)}" if event.total else ""
    line = Text(f"  {_WORDS.get(event.verb, event.verb):<9} {_clean(event.name)} ", no_wrap=True)
    if event.total:
        cells = max(0, min(_BAR, width - _BESIDE))
        full = cells * min(event.done, event.total) // event.total
        line.append("━" * full, style="green").append("─" * (cells - full), style="dim")
        line.append(f" {100 * event.done // event.total:3}%")
    return line.append(f" {size(event.done)}{total}")


def _clean(text: str) -> str:
    return harmless(text.replace("\n", " "))
