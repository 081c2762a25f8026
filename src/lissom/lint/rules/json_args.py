"""CMD, ENTRYPOINT or HEALTHCHECK is in shell form.

What: a CMD, ENTRYPOINT or HEALTHCHECK that is no JSON array.
Why: `/bin/sh -c` stands before the program. Many shells stay there as process 1 and do not hand SIGTERM on, so that
the app is killed after ten seconds instead of ending; and ENTRYPOINT then takes neither CMD nor arguments. Where a
shell is needed, write `exec` before the program, or `["sh", "-c", "exec …"]`.
Bad:
    FROM debian:bookworm
    CMD gunicorn --bind 0.0.0.0:8000 app:app
Good:
    FROM debian:bookworm
    CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]
Fix: unsafe (E3) where the command is one program with plain words: the array says the same, but process 1 is the app
itself, and an ENTRYPOINT then sees CMD and arguments. None where the shell does something: variables, patterns, `&&`.
hadolint: agrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lissom.dockerfile.shell.script import Script, Simple
from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Cmd, Command, Entrypoint, Healthcheck
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import StepView, Subject

__all__ = ["RULE"]
_BUILTINS = frozenset(
    (
        *("alias", "bg", "cd", "command", "eval", "exec", "exit", "export", "fg", "getopts", "hash", "jobs", "local"),
        *("read", "readonly", "return", "set", "shift", "source", "times", "trap", "type", "ulimit", "umask"),
        *("unalias", "unset", "wait", ".", ":"),
    )
)
_FIELDS = {"CMD": "Cmd", "ENTRYPOINT": "Entrypoint", "HEALTHCHECK": "Healthcheck"}


def _check(subject: Subject) -> Iterator[Found]:
    for step in subject.steps():
        command = _command(step)
        if command is None or not command.shell:
            continue
        keyword = step.instruction.keyword
        span = first_line(subject.dockerfile, step.instruction)
        severity = Severity.INFO if keyword == "HEALTHCHECK" or _execs(step.script) else None
        yield Found(span, f"{keyword} runs its program behind `/bin/sh -c`", _array(step), severity=severity)


def _command(step: StepView) -> Command | None:
    found = step.instruction
    if isinstance(found, Healthcheck):
        return found.test
    return found.command if isinstance(found, Cmd | Entrypoint) else None


def _execs(script: Script | None) -> bool:
    return script is not None and any(one.name == "exec" for one in script.commands())


def _array(step: StepView) -> Fix | None:
    script = step.script
    if script is None or script.comments or len(script.body.parts) != 1 or script.body.parts[0].joiner:
        return None
    simple = script.body.parts[0].command
    if not isinstance(simple, Simple) or simple.assignments or simple.redirections or not simple.words:
        return None
    words = simple.words
    if any(word.value is None or word.glob for word in words) or words[0].value in _BUILTINS:
        return None
    parts = [json.dumps(word.value, ensure_ascii=False) for word in words]
    texts = [part + "," for part in parts[:-1]] + [parts[-1] + "]"]
    edits = [Edit(word.span, text) for word, text in zip(words, texts, strict=True)]
    edits[0] = Edit(Span(words[0].span.start, words[0].span.end), "[" + edits[0].replacement)
    return Fix(
        "write a JSON array",
        tuple(edits),
        Safety.UNSAFE,
        Equivalence.E3,
        "the same program with the same words, but it is process 1 itself and no shell stands before it",
        config=(_FIELDS[step.instruction.keyword],),
    )


RULE = Rule(
    code="json-args",
    title="CMD and ENTRYPOINT are JSON arrays",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    aliases=("DL3025", "JSONArgsRecommended"),
    check=_check,
    page=__doc__ or "",
)
