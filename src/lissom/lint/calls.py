"""The programs that a step calls: behind ``sudo``, ``env`` and their like, in exec form too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lissom.dockerfile.shell.script import Simple, Word
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.subject import StepView, Subject
from lissom.lint.triggers import acting

__all__ = ["Call", "call_of", "calls", "run_calls"]

# Programs that run another one, with those of their options that take a value.
_WRAPPERS = {
    "sudo": ("-u", "-g", "-h", "-p", "--user", "--group"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "exec": ("-a",),
    "command": (),
    "time": ("-f", "-o"),
    "nice": ("-n",),
    "nohup": (),
    "eatmydata": (),
    "timeout": ("-k", "-s"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One program that is called: its base name, the words behind it, and what stood before it (``sudo``)."""

    name: str
    words: tuple[Word, ...]
    span: Span
    behind: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The words, those that are not constant as written."""
        return tuple(_value(word) for word in self.words)

    def has(self, *options: str) -> bool:
        """Whether one of the options is given: ``--long`` also with a value, ``-s`` also among other letters."""
        return self.option(*options) is not None

    def option(self, *options: str) -> Word | None:
        """The word that gives one of the options."""
        for word in self.words:
            value = _value(word)
            if value == "--":
                return None
            long = value.partition("=")[0]
            for option in options:
                if option == long or (_cluster(value) and len(option) == 2 and option[1] in value.partition("=")[0]):
                    return word
        return None

    def operands(self, valued: Iterable[str] = ()) -> tuple[Word, ...]:
        """The words that are no options; ``valued`` are the options whose next word is their value."""
        return tuple(_operands(self.words, frozenset(valued)))


def run_calls(subject: Subject) -> Iterator[tuple[StepView, Call]]:
    """Every call of every RUN, those of ONBUILD too."""
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            yield from ((step, call) for call in calls(subject, step))


def calls(subject: Subject, step: StepView) -> Iterator[Call]:
    """The programs that a step calls, in the order written."""
    for simple in step.commands:
        call = call_of(simple.words)
        if call is not None:
            yield call
    if isinstance(step.instruction, Run) and not step.instruction.command.shell:
        call = call_of(_exec_words(subject, step.instruction))
        if call is not None:
            yield call


def call_of(words: tuple[Word, ...] | Simple) -> Call | None:
    """The call that words are; None when the program is not a constant."""
    if isinstance(words, Simple):
        words = words.words
    behind: list[str] = []
    at = 0
    while at < len(words):
        name = (words[at].value or "").rpartition("/")[2]
        if name not in _WRAPPERS or at + 1 == len(words):
            if not name:
                return None
            return Call(name, words[at + 1 :], Span(words[at].span.start, words[-1].span.end), tuple(behind))
        behind.append(name)
        at = _behind_wrapper(words, at + 1, name)
    return None


def _behind_wrapper(words: tuple[Word, ...], at: int, name: str) -> int:
    valued = _WRAPPERS[name]
    durations = 1 if name == "timeout" else 0
    while at < len(words):
        value = _value(words[at])
        if value.startswith("-"):
            at += 2 if value in valued else 1
        elif name in ("env", "sudo") and "=" in value:
            at += 1
        elif durations:
            durations, at = 0, at + 1
        else:
            break
    return at


def _exec_words(subject: Subject, run: Run) -> tuple[Word, ...]:
    words: list[Word] = []
    at = run.span.start
    for value in run.command.args:
        span = subject.dockerfile.source.narrow(Span(at, run.span.end), f'"{value}"')
        words.append(Word(value, value, Span(span.start + 1, span.end - 1) if span.start > at else run.span))
        at = span.end if span.start > at else at
    return tuple(words)


def _operands(words: tuple[Word, ...], valued: frozenset[str]) -> Iterator[Word]:
    skip = plain = False
    for word in words:
        value = _value(word)
        if skip:
            skip = False
        elif plain or value == "-" or not value.startswith("-"):
            yield word
        elif value == "--":
            plain = True
        else:
            skip = value in valued


def _cluster(value: str) -> bool:
    return len(value) > 1 and value[0] == "-" and value[1] != "-"


def _value(word: Word) -> str:
    return word.text if word.value is None else word.value
