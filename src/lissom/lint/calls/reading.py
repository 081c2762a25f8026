"""The programs that a step calls."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lissom.dockerfile.shell.grammar import parse_script
from lissom.dockerfile.shell.placed import Placed
from lissom.dockerfile.shell.script import Script, Simple, Word
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Cmd, Entrypoint, Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.wrappers import SHELLS, script_in, shell_text, text_of, unwrapped
from lissom.lint.memo import remembered
from lissom.lint.subject import StepView

__all__ = ["call_of", "calls_of"]

_DEEPEST = 3  # of `sh -c` in `sh -c`
# Those that change who runs a program and how; what runs it by its own lights (``bundle exec``) is a call itself.
_PLAIN_WRAPPERS = frozenset(("sudo", "env", "exec", "command", "time", "nice", "nohup", "eatmydata", "timeout"))
_VERSIONED = re.compile(r"(pip|python|gem|php|perl|ruby|node|pypy)[0-9][0-9.]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


@remembered
def calls_of(step: StepView) -> tuple[Call, ...]:
    """What a RUN, CMD or ENTRYPOINT calls in the order written; nothing when its script is not understood."""
    if step.script is not None:
        fed = tuple(_fed(step))
        if fed:
            return fed
        plain = _script_calls(step.script, step.env, 0, exact=True)
        substituted = (call for simple in step.script.substituted() for call in _calls(simple, step.env, 0, exact=True))
        return tuple(sorted((*plain, *substituted), key=lambda call: call.simple.span.start))
    instruction = step.instruction
    if isinstance(instruction, Run | Cmd | Entrypoint) and not instruction.command.shell:
        words = tuple(Word(text, text, instruction.span) for text in instruction.command.args)
        simple = Simple((), words, (), instruction.span)
        return tuple(_calls(simple, step.env, 0, exact=False))
    return ()


def call_of(simple: Simple, env: Mapping[str, str | None]) -> Call | None:
    """What a command itself calls behind ``sudo``, ``env`` and their like; None when that is not a constant.

    The program is named as written, with its version.
    """
    words = simple.words
    behind: list[str] = []
    for at, name in unwrapped(words):
        if name not in _PLAIN_WRAPPERS:
            place = _span(words[at], words[-1])
            call = Call(name, words[at + 1 :], env, simple, place, tuple(behind), path=text_of(words[at]))
            return call if name else None
        behind.append(name)
    return None


def _fed(step: StepView) -> Iterator[Call]:
    """What a shell calls that gets its script from a heredoc of the RUN: ``RUN <<EOF bash``."""
    script, run = step.script, step.instruction
    chain = script.chain if script else None
    if not isinstance(run, Run) or not run.heredocs or not chain or len(chain) > 1 or chain[0].name not in SHELLS:
        return
    if any(not text.startswith("-") or "c" in text for text in chain[0].values):
        return
    heredoc = run.heredocs[0]
    inner = parse_script(Placed.of([(heredoc.data, heredoc.span.start)]))
    if inner:
        for call in _script_calls(inner, step.env, 1, exact=False):
            yield replace(call, simple=chain[0], behind=(chain[0].name, *call.behind))


def _script_calls(script: Script, given: Mapping[str, str | None], depth: int, *, exact: bool) -> Iterator[Call]:
    env = given
    for simple in script.commands():
        if simple.name == "export":
            env = ChainMap(_assigned(simple.words[1:]), dict(env))
        yield from _calls(simple, env, depth, exact=exact)


def _calls(simple: Simple, env: Mapping[str, str | None], depth: int, *, exact: bool) -> Iterator[Call]:
    words = simple.words
    places = list(unwrapped(words))
    if not places:
        return
    at, name = places[-1]
    before = [word for word in words[:at] if "=" in text_of(word)]
    own = _assigned((*simple.assignments, *before))
    env = ChainMap(own, dict(env)) if own else env
    behind = tuple(name for _, name in places[:-1])
    rest = words[at + 1 :]
    inner = _inner(name, rest) if depth < _DEEPEST else None
    if inner is not None:
        script = script_in(inner)
        if script is not None:
            found = _script_calls(script, env, depth + 1, exact=False)
            yield from (_around(call, simple, (*behind, name), inner) for call in found)
            return
    program, rest = _named(name, rest)
    yield Call(program, rest, env, simple, _span(words[at], words[-1]), behind, exact, text_of(words[at]))


def _around(call: Call, simple: Simple, behind: tuple[str, ...], inner: Word) -> Call:
    span = call.span if inner.span.start <= call.span.start < inner.span.end else inner.span
    return Call(call.program, call.words, call.env, simple, span, (*behind, *call.behind), False, call.path)


def _inner(name: str, rest: Sequence[Word]) -> Word | None:
    if name in SHELLS:
        return shell_text(rest)
    if name in ("su", "runuser"):
        at = next((at for at, word in enumerate(rest) if text_of(word) in ("-c", "--command", "-lc")), None)
        return rest[at + 1] if at is not None and at + 1 < len(rest) else None
    return None


def _named(name: str, rest: tuple[Word, ...]) -> tuple[str, tuple[Word, ...]]:
    """The program without its version, and what ``python -m`` runs in the place of Python."""
    match = _VERSIONED.fullmatch(name)
    program = match[1] if match else name
    if program in ("python", "pypy"):
        flags = next((at for at, word in enumerate(rest) if not text_of(word).startswith("-")), len(rest))
        if 0 < flags < len(rest) and text_of(rest[flags - 1]).endswith("m"):
            return text_of(rest[flags]), rest[flags + 1 :]
    if program == "php" and rest and text_of(rest[0]).rpartition("/")[2] in ("composer", "composer.phar"):
        return text_of(rest[0]).rpartition("/")[2], rest[1:]
    if program == "cargo" and rest and text_of(rest[0]).startswith("+"):
        return program, rest[1:]
    return program, rest


def _assigned(words: Sequence[Word]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in words:
        match = _ASSIGNMENT.fullmatch(text_of(word))
        if match:
            found[match[1]] = match[2] if word.value is not None else None
    return found


def _span(first: Word, last: Word) -> Span:
    return Span(first.span.start, max(last.span.end, first.span.end))
