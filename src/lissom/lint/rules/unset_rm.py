"""rm removes more if a variable is empty.

What: `rm -r` of a word that begins with a variable and goes on with `/` or a pattern, where neither ENV, ARG nor the
RUN itself sets the variable. `${X:?}` stops an empty one. A hint where the base may set it.
Why: with an empty variable `rm -rf "$X/"*` is `rm -rf /*`.
Bad:
    FROM debian:bookworm
    RUN rm -rf "$CACHE_DIR"/*
Good:
    FROM debian:bookworm
    ENV CACHE_DIR=/var/cache/app
    RUN rm -rf "$CACHE_DIR"/*
Fix: none: which directory was meant is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.lint.calls.wrappers import text_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import run_calls

__all__ = ["RULE"]
_WORD = re.compile(r"\"?\$(\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))\"?(/|\*)")


def _check(subject: Subject) -> Iterator[Found]:
    for step, call in run_calls(subject):
        if call.program != "rm" or not call.has("-r", "-R", "--recursive") or step.script is None:
            continue
        for word in call.words:
            match = _WORD.match(word.text) if word.value is None else None
            name = (match[2] or match[3]) if match else ""
            if name and step.env.get(name) is None and name not in call.env and not _sets(step.script.text, name):
                if name in step.env or name in ("HOME", "PWD", "OLDPWD", "TMPDIR"):
                    continue
                yield Found(
                    word.span, f"if `{name}` is empty, rm removes `{_shown(text_of(word), match[0] if match else '')}`"
                )


def _shown(text: str, variable: str) -> str:
    return ("/" if variable.endswith("/") else "*") + text[len(variable) :].strip('"')


def _sets(script: str, name: str) -> bool:
    return re.search(rf"\b{name}=|\bfor\s+{name}\b|\bread\b[^\n;|&]*\b{name}\b", script) is not None


RULE = Rule(
    code="unset-rm",
    title="rm has a directory",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
