"""useradd makes room for the log of a user with a high number.

What: `useradd` with a user number of six digits or more and without `-l` (`--no-log-init`), in any stage.
Why: `/var/log/lastlog` and `/var/log/faillog` are tables by user number. For a high one they become files with huge
holes, which many builders store as zeros: gigabytes for one user.
Bad:
    FROM debian:bookworm
    RUN useradd -u 1000660000 app
Good:
    FROM debian:bookworm
    RUN useradd -l -u 1000660000 app
Fix: safe (E1): the user is the same; the two logs stay as the base has them.
hadolint: DL3046 counts the letters behind `-u`, also of a variable (`-u ${UID}`), and does not see `--uid`. Here the
variable's default counts, and no finding comes where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.effects.paths import flat
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]

_HIGH = 100_000
_LOGS = ("var/log/lastlog", "var/log/faillog")


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            for call in calls_of(step):
                if call.program == "useradd" and not call.has("-l", "--no-log-init") and _number(call) >= _HIGH:
                    message = f"useradd makes logs with room for {_number(call)} users"
                    yield Found(call.span, message, _fix(call))


def _number(call: Call) -> int:
    for at, word in enumerate(call.words):
        text = text_of(word)
        given = ""
        if text in ("-u", "--uid") and at + 1 < len(call.words):
            given = flat(call.words[at + 1], call.env) or ""
        elif text.startswith("--uid="):
            given = (flat(word, call.env) or "").partition("=")[2]
        elif text.startswith("-u") and text[2:].isdigit():
            given = text[2:]
        if given.isascii() and given.isdigit() and len(given) < 20:
            return int(given)
    return 0


def _fix(call: Call) -> Fix | None:
    if not call.exact:
        return None
    end = call.span.start + len(call.path)
    because = "the user is the same, and the two logs stay as the base has them"
    edit = Edit(Span(end, end), " -l")
    return Fix("add -l", (edit,), Safety.SAFE, Equivalence.E1, because, paths=_LOGS)


RULE = Rule(
    code="useradd-log",
    title="useradd makes room for the log of a user with a high number",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3046",),
)
