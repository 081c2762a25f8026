"""Exercise an image: start it, put the probes to it, stop it; what was seen."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lissom.events import Decision, Listener, StepDone, StepOutput, StepStarted, silent
from lissom.image.image import Image
from lissom.sandbox.watch import Watcher
from lissom.store.snapshots import Snapshots
from lissom.verify.ask import ask, ask_inside
from lissom.verify.crawl import crawl
from lissom.verify.http import NoAnswerError
from lissom.verify.instances import Instances, Live
from lissom.verify.observation import Exercise, Observation, observe
from lissom.verify.patience import Patience
from lissom.verify.probe import DEFAULT, Exec, Http, Pg, Probe, Probes, Raw, Redis, Script
from lissom.verify.ready import NotReadyError

__all__ = ["exercise"]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STEPS = itertools.count(1 << 20)
_RETRIES = 3
_TAIL = 40


def exercise(
    image: Image,
    snapshots: Snapshots,
    probes: Probes,
    *,
    watch: Watcher | None = None,
    listener: Listener = silent,
    network: str = "none",
    patience: Patience | None = None,
    environment: Mapping[str, str] | None = None,
    label: str = "",
) -> Exercise:
    """Put all ``probes`` to containers of ``image``, one after another; nothing is left running.

    What a container does wrong (it crashes, is never ready, answers otherwise) is in the observations. ``watch`` sees
    every process of every container. ``network`` is ``none`` (one of its own) or ``host``. ``environment`` is what
    scripts on this machine get. ``label`` begins the names of steps. Raises SandboxError when containers cannot be
    made, UsageError when an instance asks for what there is not.
    """
    begin = time.monotonic()
    given = {"PATH": _PATH} if environment is None else environment
    with Instances(
        image, snapshots, probes, watch=watch, network=network, patience=patience or Patience()
    ) as instances:
        run = _Run(probes, instances, listener, given, label)
        run.all()
    log = "\n".join(text for text in instances.logs.values() if text)
    return Exercise(tuple(run.seen), time.monotonic() - begin, run.ready, frozenset(run.ports), log)


@dataclass
class _Run:
    probes: Probes
    instances: Instances
    listener: Listener
    environment: Mapping[str, str]
    label: str
    seen: list[Observation] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    ready: float | None = None
    ports: set[int] = field(default_factory=set)
    checked_health: bool = False

    def all(self) -> None:
        checks = self.probes.checks
        crawls = self.probes.crawl or not checks
        last = {probe.instance: number for number, probe in enumerate(checks) if probe.needs_instance}
        if crawls:
            last[DEFAULT] = len(checks)
        for number, probe in enumerate(checks):
            self.check(probe)
            for name in [name for name, at in last.items() if at == number]:
                self.stop(name)
        if crawls:
            self.crawl()
            self.stop(DEFAULT)

    def check(self, probe: Probe) -> None:
        """One probe, with its instance started when it needs one."""
        live = self.live(probe.instance) if probe.needs_instance else None
        with self.step(probe.name) as seen:
            if probe.needs_instance and live is None:
                kind = type(probe.action).__name__.lower()
                failure = f"`{probe.instance}` did not start: {self.dead[probe.instance].splitlines()[0]}"
                seen.append(Observation(probe.name, kind, failure=failure, where=probe.where))
            else:
                seen.append(ask(probe, self.instances, live, self.environment))

    def live(self, name: str) -> Live | None:
        """The running instance, started if need be; None when it cannot be started."""
        if name in self.instances.live or name in self.dead:
            return self.instances.live.get(name)
        for other in self.instances.sharing(self.probes.instance(name).volume):
            self.stop(other)
        with self.step(f"start {name}") as seen:
            begin = time.monotonic()
            try:
                live = self.instances.start(name, self.needs(name))
            except NotReadyError as error:
                self.dead[name] = error.message
                seen.append(
                    Observation(f"start {name}", "start", seconds=time.monotonic() - begin, failure=error.message)
                )
                return None
            seen.append(Observation(f"start {name}", "start", seconds=live.ready.seconds))
        self.ready = live.ready.seconds if self.ready is None else self.ready
        self.ports |= live.container.ports()
        self.health(live)
        return live

    def needs(self, name: str) -> str:
        """What the probes of an instance want of it: HTTP, a port, nothing, or perhaps HTTP."""
        actions = [probe.action for probe in self.probes.checks if probe.needs_instance and probe.instance == name]
        if any(isinstance(action, Http | Script) for action in actions):
            return "http"
        if any(isinstance(action, Redis | Pg | Raw) for action in actions):
            return "port"
        if name == DEFAULT and (self.probes.crawl or not self.probes.checks):
            return "http" if self.instances.exposed and self.probes.crawl else "perhaps"
        return ""

    def health(self, live: Live) -> None:
        """The image's own HEALTHCHECK, once: what it needs must be seen and stay."""
        words, timeout = _health_command(self.instances.image.config.config)
        if not words or self.checked_health or not live.container.alive:
            return
        self.checked_health = True
        with self.step("HEALTHCHECK") as seen:
            begin = time.monotonic()
            for number in range(_RETRIES):
                try:
                    answer = ask_inside(Exec(words), self.instances, live, timeout=timeout)
                except NoAnswerError as error:
                    seen.append(Observation("HEALTHCHECK", "health", excerpt=error.message))
                    return
                if not answer.status or number == _RETRIES - 1 or live.container.wait(1):
                    break
            seconds = time.monotonic() - begin
            seen.append(observe("HEALTHCHECK", "health", answer, seconds=seconds, failure=None, bodies=False))

    def crawl(self) -> None:
        """Every page of the default instance, when it serves any."""
        live = self.live(DEFAULT)
        if live is None:
            return
        server = live.server(None, self.instances.patience.request)
        with self.step("crawl") as seen:
            if server is None or server.greet(timeout=5) is None:
                self.listener(Decision("crawl", "nothing there speaks HTTP", telling=True))
                return
            seen.extend(crawl(server))

    def stop(self, name: str) -> None:
        """Stop an instance that runs."""
        if name not in self.instances.live:
            return
        self.ports |= self.instances.live[name].container.ports()
        with self.step(f"stop {name}") as seen:
            seen.append(self.instances.stop(name))

    @contextmanager
    def step(self, name: str) -> Iterator[list[Observation]]:
        """Tell the listener of what happens in the block; what it appends is seen."""
        number, shown, begin = next(_STEPS), f"{self.label} {name}".strip(), time.monotonic()
        self.listener(StepStarted(number, shown))
        found: list[Observation] = []
        error: str | None = "broken off"
        try:
            yield found
            failures = [one.failure for one in found if one.failure is not None]
            error = failures[0] if failures else None
        finally:
            self.seen += found
            if error is not None:
                self.tell_log(number)
            self.listener(StepDone(number, shown, time.monotonic() - begin, error))

    def tell_log(self, number: int) -> None:
        """Show the end of the logs of what runs: a probe has failed."""
        for live in self.instances.live.values():
            if tail := live.container.log.tail(_TAIL):
                self.listener(StepOutput(number, 2, f"{tail}\n".encode()))


def _health_command(config: Mapping[str, Any]) -> tuple[tuple[str, ...], float]:
    """The command of a HEALTHCHECK and its time limit; no words when there is none."""
    health = config.get("Healthcheck")
    test = health.get("Test") if isinstance(health, dict) else None
    if not isinstance(test, list) or len(test) < 2 or not all(isinstance(word, str) for word in test):
        return (), 0
    timeout = health.get("Timeout") if isinstance(health, dict) else None
    seconds = timeout / 1e9 if isinstance(timeout, int) and timeout > 0 else 30.0
    if test[0] == "CMD":
        return tuple(test[1:]), seconds
    shell = config.get("Shell")
    words = shell if isinstance(shell, list) and shell else ["/bin/sh", "-c"]
    return ((*map(str, words), test[1]), seconds) if test[0] == "CMD-SHELL" else ((), 0)
