"""A script from the net is run as it comes.

What: `curl … | sh`, `wget -qO- … | bash`, `sh -c "$(curl …)"`, `bash <(curl …)`, `source <(curl …)`, and the same
with python, perl, ruby or node.
Why: whoever owns the address, or a name on the way, owns the image; and half a script runs when the line breaks.
Bad:
    FROM debian:bookworm
    RUN curl -fsSL https://example.com/install.sh | sh
Good:
    FROM debian:bookworm
    ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \\
        https://example.com/install.sh /tmp/install.sh
    RUN sh /tmp/install.sh
Fix: none: the checksum that the script had when it was looked at is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Command, Pipeline, Sequence, Simple, Word
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.wrappers import unwrapped
from lissom.lint.pipes import pipelines
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_FETCHERS = frozenset(("curl", "wget", "fetch", "aria2c"))
_INTERPRETERS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh", "perl", "ruby", "node", "php"))
_SOURCING = frozenset((".", "source", "eval"))


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if not isinstance(step.instruction, Run) or step.script is None:
            continue
        spans = [span for pipe in pipelines(step.script) for span in _piped(pipe)]
        spans += (simple.span for simple in step.script.commands() if _runs_fetched(simple))
        for span in dict.fromkeys(spans):
            yield Found(span, "a script from the net is run as it comes")


def _piped(pipe: Pipeline) -> Iterator[Span]:
    fetched: Span | None = None
    for command in pipe.commands:
        if isinstance(command, Simple):
            program = _program(command.words)
            if fetched and _interprets(program, command.words):
                yield Span(fetched.start, command.span.end)
                return
            if program in _FETCHERS:
                fetched = command.span
        elif fetched and any(_interprets(_program(one.words), one.words) for one in _within(command)):
            yield Span(fetched.start, command.span.end)
            return


def _within(command: Command) -> Iterator[Simple]:
    if not isinstance(command, Simple | Pipeline):
        for body in command.bodies:
            yield from body.commands()


def _program(words: tuple[Word, ...]) -> str:
    return next((name for _, name in reversed(list(unwrapped(words)))), "")


def _interprets(program: str, words: tuple[Word, ...]) -> bool:
    """Whether a program runs what it reads from its input: an interpreter without a file of its own."""
    if program not in _INTERPRETERS and not program.startswith("python"):
        return False
    at = list(unwrapped(words))[-1][0]
    rest = [word.value or word.text for word in words[at + 1 :]]
    if any(text in ("-c", "-e", "-m", "-r", "-n", "-ne", "-pe") for text in rest):
        return False
    first = next((text for text in rest if not text.startswith("-") or text == "-"), "-")
    return first in ("-", "/dev/stdin") or "-s" in rest or any(text.startswith("-") and "s" in text for text in rest)


def _runs_fetched(simple: Simple) -> bool:
    program = _program(simple.words)
    shell = program in _INTERPRETERS or program.startswith("python") or program in _SOURCING
    return shell and any(_fetches(inner) for word in simple.words for inner in word.inside)


def _fetches(sequence: Sequence) -> bool:
    return any(_program(simple.words) in _FETCHERS for simple in sequence.commands())


RULE = Rule(
    code="remote-script",
    title="Scripts are looked at before they run",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
