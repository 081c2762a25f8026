"""Put one probe to an image: what came back, and what is wrong with it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lissom.errors import LissomError, VerifyError
from lissom.verify.answer import Answer, Body
from lissom.verify.bridge import bridge
from lissom.verify.config import find_config_fault
from lissom.verify.container import Wishes, beside, chain_of, container
from lissom.verify.expect import find_exit_fault, find_http_fault, find_reply_fault, find_rows_fault, shortened
from lissom.verify.expectation import Expectation
from lissom.verify.files import examine
from lissom.verify.http import NoAnswerError, Server
from lissom.verify.instances import Instances, Live
from lissom.verify.observation import Observation, observe
from lissom.verify.postgres import ask_postgres
from lissom.verify.probe import Config, Exec, Files, Http, Logs, Pg, Probe, Raw, Redis, Run, Script
from lissom.verify.running import run_to_end
from lissom.verify.script import run_script
from lissom.verify.wire import ask_raw, ask_redis

__all__ = ["ask", "ask_inside"]

_LOG_PATIENCE = 2.0
_LAST_BREATH = 0.2  # a port closes a moment before its process is known to have ended


def ask(probe: Probe, instances: Instances, live: Live | None, environment: Mapping[str, str]) -> Observation:
    """Put ``probe`` to the image, or to its running instance ``live`` where it needs one.

    Whatever the container does wrong is in the observation. Raises SandboxError when the sandbox cannot be made.
    """
    begin = time.monotonic()
    kind = type(probe.action).__name__.lower()
    try:
        answer, failure = _put(probe, instances, live, environment)
    except VerifyError as error:
        failure = error.message
        if live is not None and live.container.wait(_LAST_BREATH):
            failure += f"; it has exited with status {live.container.status}: {shortened(live.container.log.tail(5))}"
        return Observation(probe.name, kind, seconds=time.monotonic() - begin, failure=failure, where=probe.where)
    bodies = not isinstance(probe.action, Script | Logs | Config)
    return observe(
        probe.name,
        kind,
        answer,
        seconds=time.monotonic() - begin,
        failure=failure,
        bodies=bodies,
        where=probe.where,
    )


def _put(
    probe: Probe, instances: Instances, live: Live | None, environment: Mapping[str, str]
) -> tuple[Answer, str | None]:
    action, expect = probe.action, probe.expect
    match action:
        case Config():
            return Answer(), find_config_fault(action, instances.image.config.config)
        case Files():
            return examine(action, expect, instances.snapshots.tree(chain_of(instances.image, instances.snapshots)))
        case Run():
            answer = _run(action, instances)
        case Exec():
            answer = ask_inside(action, instances, _there(live))
        case Script():
            answer = _script(action.path, instances, _there(live), environment)
        case _:
            return _speak(action, expect, instances, _there(live))
    return answer, find_exit_fault(expect, answer)


def _speak(
    action: Http | Redis | Pg | Raw | Logs, expect: Expectation, instances: Instances, live: Live
) -> tuple[Answer, str | None]:
    match action:
        case Http():
            answer = _server(live, action.port, instances).ask(action)
            return answer, find_http_fault(expect, answer)
        case Redis() | Pg() | Raw():
            answer = _exchange(action, instances, live)
            find_fault = find_rows_fault if isinstance(action, Pg) else find_reply_fault
            return answer, find_fault(expect, answer)
        case Logs():
            return Answer(), _find_log_fault(action.pattern, live)


def _there(live: Live | None) -> Live:
    assert live is not None, "a probe that needs an instance was put without one"
    return live


def ask_inside(action: Exec, instances: Instances, live: Live, *, timeout: float = 0) -> Answer:
    """Run a command inside a running container; in one of its own when that has ended. Raises NoAnswerError."""
    wishes = Wishes(command=action.argv, entrypoint=(), env=dict(action.env), user=action.user)
    pid = live.container.pid
    if not pid:
        instance = live.instance
        run = Run(
            action.argv,
            (),
            (*instance.env, *action.env),
            action.user if action.user is not None else instance.user,
            action.stdin,
            instance.read_only,
            instance.tmpfs,
            instance.volume,
        )
        return _run(run, instances)
    process = beside(live.container.process, pid, wishes, image=instances.image, snapshots=instances.snapshots)
    limit = timeout or instances.patience.command
    try:
        return run_to_end(process, stdin=action.stdin, watch=instances.watch, timeout=limit)
    except LissomError as error:
        if live.container.wait(1):
            raise NoAnswerError(f"cannot run `{action.argv[0]}`: the container ended meanwhile") from error
        raise


def _run(run: Run, instances: Instances) -> Answer:
    """A container of its own; before it, its preparations, each on top of what the one before wrote."""
    wishes, patience = instances.wishes(run), instances.patience.command
    uppers: tuple[Path, ...] = ()
    with ExitStack() as around:
        for words in run.before:
            prepared = around.enter_context(
                container(instances.image, instances.snapshots, replace(wishes, command=words))
            )
            process = replace(prepared, lowers=(*prepared.lowers, *uppers))
            done = run_to_end(process, watch=instances.watch, timeout=patience)
            if done.status:
                raise NoAnswerError(f"cannot prepare with `{' '.join(words)}`: {find_exit_fault(Expectation(), done)}")
            uppers += (process.upper,) if process.upper else ()
        last = around.enter_context(container(instances.image, instances.snapshots, wishes))
        process = replace(last, lowers=(*last.lowers, *uppers))
        return run_to_end(process, stdin=run.stdin, watch=instances.watch, timeout=patience)


def _server(live: Live, port: int | None, instances: Instances) -> Server:
    server = live.server(port, instances.patience.request)
    if server is None:
        raise NoAnswerError(f"cannot ask `{live.instance.name}`: it listens on no port")
    return server


def _exchange(action: Redis | Pg | Raw, instances: Instances, live: Live) -> Answer:
    number = action.port or live.instance.port or live.ready.port
    if number is None:
        raise NoAnswerError(f"cannot ask `{live.instance.name}`: it listens on no port")
    patience = instances.patience
    timeout = patience.command if isinstance(action, Pg) else min(patience.request, 10 * patience.factor)
    try:
        opened = live.container.connect(number, timeout)
        if isinstance(action, Pg):
            return ask_postgres(opened, action.login, action.sql, timeout=timeout)
        if isinstance(action, Redis):
            return Answer(body=Body(ask_redis(opened, action.words, timeout=timeout).encode()))
        return Answer(body=ask_raw(opened, action.data, half_close=action.half_close, timeout=timeout))
    except OSError as error:
        raise NoAnswerError(f"cannot speak to port {number}: {error.strerror or error}") from error


def _find_log_fault(pattern: str, live: Live) -> str | None:
    deadline = time.monotonic() + _LOG_PATIENCE  # what was just caused may be written a little later
    while True:
        if re.search(pattern, live.container.log.text(), re.MULTILINE):
            return None
        if time.monotonic() > deadline:
            return f"the log lacks {pattern!r}: {shortened(live.container.log.tail(5))}"
        time.sleep(0.05)


def _script(path: Path, instances: Instances, live: Live, environment: Mapping[str, str]) -> Answer:
    server = _server(live, None, instances)
    server.greet(timeout=instances.patience.request)
    with bridge(live.container.connect, server.port) as port:
        address = f"{'https' if server.tls else 'http'}://127.0.0.1:{port}"
        variables = {**environment, "LISSOM_BASE_URL": address, "LISSOM_PORT": str(port)}
        return run_script(path, variables, timeout=instances.patience.script)
