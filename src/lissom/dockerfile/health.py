"""HEALTHCHECK and the durations of its flags."""

from __future__ import annotations

import re

from lissom.dockerfile.comments import behind
from lissom.dockerfile.fault import nearest
from lissom.dockerfile.statement import TEXT, Flags, Statement
from lissom.dockerfile.syntax import Command, Healthcheck

__all__ = ["parse_duration", "read_healthcheck"]

_DURATION = re.compile(r"([-+]?)((?:(?:[0-9]{1,19}\.?[0-9]{0,19}|\.[0-9]{1,19})(?:ns|us|µs|μs|ms|s|m|h))+|0)")
_PART = re.compile(r"([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_LEAST = 10**6
_MOST = 2**63 - 1
_DURATIONS = ("interval", "timeout", "start-period", "start-interval")
_EXAMPLE = "write it like this: HEALTHCHECK --interval=30s CMD curl -f http://localhost/ || exit 1"


def parse_duration(text: str) -> int:
    """A duration as Go writes it (``1h30m``, ``1.5s``, ``0``) in nanoseconds; ValueError if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no duration such as 30s, 1m30s or 500ms")
    total = 0
    for whole, fraction, unit in _PART.findall(match[2]):
        total += int(whole or 0) * _UNITS[unit] + int(fraction or 0) * _UNITS[unit] // 10 ** len(fraction)
    if total > _MOST:
        raise ValueError(f"`{text}` is too long")
    return -total if match[1] == "-" else total


def read_healthcheck(statement: Statement) -> Healthcheck:
    """A HEALTHCHECK; FaultError if it is wrong."""
    words = statement.fields()
    if not words:
        raise statement.fault(None, "HEALTHCHECK needs CMD and a command, or NONE", hint=_EXAMPLE)
    kind = words[0].text.upper()
    flags = Flags.read(statement, dict.fromkeys((*_DURATIONS, "retries"), TEXT))
    test = None
    if kind == "NONE":
        if len(words) > 1:
            where = (words[1].start, words[-1].end)
            raise behind(statement, words[1:]) or statement.fault(where, "HEALTHCHECK NONE takes no arguments")
    elif kind == "CMD":
        test = _test(statement, words[0].end)
    else:
        guess = nearest(kind, ("CMD", "NONE"))
        hint = f"did you mean {guess}?" if guess else _EXAMPLE
        raise statement.fault(words[0], f"HEALTHCHECK takes CMD or NONE, not `{words[0].text}`", hint=hint)
    return Healthcheck(
        **statement.head(flags.raw),
        none=kind == "NONE",
        test=test,
        interval=_duration(statement, flags, "interval"),
        timeout=_duration(statement, flags, "timeout"),
        start_period=_duration(statement, flags, "start-period"),
        start_interval=_duration(statement, flags, "start-interval"),
        retries=_retries(statement, flags),
    )


def _test(statement: Statement, start: int) -> Command:
    text = statement.line.text[start:].strip()
    words = statement.json_at(start)
    if not text or words == ():
        raise statement.fault((statement.start, start), "HEALTHCHECK CMD needs a command", hint=_EXAMPLE)
    return Command.of(words, text)


def _duration(statement: Statement, flags: Flags, name: str) -> int:
    text = flags.text(name)
    if text is None:
        return 0
    try:
        value = parse_duration(text)
    except ValueError as error:
        raise statement.fault(flags.word(name), str(error)) from error
    if value != 0 and value < _LEAST:
        raise statement.fault(flags.word(name), f"--{name} is 0 or at least 1ms, not `{text}`")
    return value


def _retries(statement: Statement, flags: Flags) -> int:
    text = flags.text("retries")
    if text is None:
        return 0
    if not re.fullmatch(r"[-+]?[0-9]{1,10}", text) or not 0 <= int(text) < 2**31:
        raise statement.fault(flags.word("retries"), f"--retries is a number from 0 on, not `{text}`")
    return int(text)
