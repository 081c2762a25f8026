"""Listeners that show events on a terminal, in a log, or as JSON lines. Called from several threads at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TextIO

from lissom.cli.totals import Totals, span
from lissom.events import (
    BlobMoved,
    Decision,
    Event,
    Listener,
    Planned,
    Served,
    Spared,
    StepCached,
    StepDone,
    StepOutput,
    StepStarted,
    Warned,
)
from lissom.report.harmless import harmless
from lissom.report.terminal import size

__all__ = ["JsonLines", "Lines", "Plain", "harmless", "showing"]

_EVERY = 5.0


@contextmanager
def showing(style: str, out: TextIO, environment: Mapping[str, str], *, verbose: int = 0) -> Iterator[Listener]:
    """A listener in the asked ``style`` (auto, tty, plain, json, quiet) that writes to ``out``."""
    if style == "auto":
        style = "tty" if out.isatty() and environment.get("TERM", "dumb") != "dumb" else "plain"
    if style == "tty":
        from lissom.cli.live import Live

        with Live(out, colour=not environment.get("NO_COLOR"), verbose=verbose) as live:
            yield live
        return
    if style == "json":
        yield JsonLines(out)
    elif style == "quiet":
        yield Quiet(out)
    else:
        yield Plain(out, verbose=verbose)


class Lines:
    """Cut what a process writes into lines; ``end`` gives what is left without a newline."""

    def __init__(self) -> None:
        self._rest: dict[tuple[int, int], bytes] = {}

    def feed(self, event: StepOutput) -> list[str]:
        whole = self._rest.pop((event.step, event.stream), b"") + event.data
        *lines, rest = whole.split(b"\n")
        if rest:
            self._rest[event.step, event.stream] = rest
        return [harmless(line.decode(errors="replace")) for line in lines]

    def end(self, step: int) -> list[str]:
        rests = [self._rest.pop((step, stream), b"") for stream in (1, 2)]
        return [harmless(rest.decode(errors="replace")) for rest in rests if rest]


class Plain:
    """Lines for a log, in the form of BuildKit's plain progress."""

    def __init__(self, out: TextIO, *, verbose: int = 0) -> None:
        self._out = out
        self._verbose = verbose
        self._lock = threading.Lock()
        self._lines = Lines()
        self._started: dict[int, float] = {}
        self._moved: dict[str, float] = {}
        self._totals = Totals()
        self._summed = 0.0

    def __call__(self, event: Event) -> None:
        with self._lock:
            for line in self._rows(event):
                print(line, file=self._out)
            self._out.flush()

    def _rows(self, event: Event) -> list[str]:  # noqa: PLR0911 - one for each kind of event
        match event:
            case StepStarted(step, name):
                self._started[step] = time.monotonic()
                return [f"#{step} {harmless(name)}"]
            case StepCached(step, name):
                return [f"#{step} {harmless(name)}", f"#{step} CACHED", ""]
            case StepOutput(step):
                lines = [] if event.detail and not self._verbose else self._lines.feed(event)
                return [self._stamped(step, line) for line in lines]
            case StepDone(step, _, seconds, error):
                rest = [self._stamped(step, line) for line in self._lines.end(step)]
                end = f"DONE {seconds:.1f}s" if error is None else f"ERROR: {harmless(error)}"
                return [*rest, f"#{step} {end}", ""]
            case Planned() | Spared() | BlobMoved():
                return self._transfer(event)
            case Served(host, name, moved, seconds) if self._verbose:
                return [f"{harmless(name)}: {moved} bytes from {harmless(host)} in {seconds:.1f}s"]
            case Served():
                return []
            case Decision(subject, reason, telling):
                return [f"{harmless(subject)}: {harmless(reason)}"] if telling or self._verbose else []
            case Warned(message, hint):
                return [f"warning: {harmless(message)}", *([f"hint: {harmless(hint)}"] if hint else [])]

    def _stamped(self, step: int, line: str) -> str:
        now = time.monotonic()
        return f"#{step} {now - self._started.get(step, now):.3f} {line}"

    def _transfer(self, event: Planned | Spared | BlobMoved) -> list[str]:
        """What was planned; each blob at its end; the sum every five seconds, and in the end."""
        totals = self._totals
        pending = totals.size > totals.done
        totals.take(event)
        now = time.monotonic()
        if isinstance(event, Planned):
            self._summed = now
            return [f"{event.verb}: {event.blobs} blobs, {size(event.size)}"] if event.blobs else []
        lines = self._blob(event, now) if isinstance(event, BlobMoved) else []
        if pending and totals.done == totals.size:
            took, rate = max(totals.seconds, 0.001), totals.moved / max(totals.seconds, 0.001)
            how = f"{size(totals.moved)} in {span(took)}, {size(int(rate))}/s"
            return [*lines, f"{event.verb}: {totals.blobs} blobs, {how}"]
        if pending and now - self._summed >= _EVERY:
            self._summed = now
            lines.append(f"{event.verb}: {totals}")
        return lines

    def _blob(self, event: BlobMoved, now: float) -> list[str]:
        """At its end; one that nobody planned also every five seconds on the way."""
        complete = event.done == event.total
        if not complete and (self._totals.size or now - self._moved.setdefault(event.name, now) < _EVERY):
            return []
        self._moved[event.name] = now
        total = f" / {event.total}" if event.total is not None else ""
        return [f"{event.verb} {harmless(event.name)} {event.done}{total}{' done' if complete else ''}"]


class JsonLines:
    """One JSON object an event: ``event`` is its type in snake case, the rest are its fields."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._began = time.time()

    def __call__(self, event: Event) -> None:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__).lstrip("_")
        fields = {k: v.decode(errors="replace") if isinstance(v, bytes) else v for k, v in asdict(event).items()}
        line = json.dumps({"event": name, "time": round(time.time(), 3), **fields})
        with self._lock:
            print(line, file=self._out, flush=True)


class Quiet:
    """Warnings only."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        if isinstance(event, Warned):
            print(f"warning: {harmless(event.message)}", file=self._out, flush=True)
