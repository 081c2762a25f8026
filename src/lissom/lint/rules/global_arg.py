"""A stage uses an ARG that only FROM lines see.

What: a variable of an ARG above the first FROM that an instruction of a stage uses, while the stage has no ARG of
that name (and neither ENV nor the script itself sets it).
Why: an ARG above FROM is seen by FROM lines only; in the stage the variable is empty until `ARG NAME` takes it up.
Bad:
    ARG VERSION=1.0
    FROM debian:bookworm
    RUN echo "$VERSION" > /version
Good:
    ARG VERSION=1.0
    FROM debian:bookworm
    ARG VERSION
    RUN echo "$VERSION" > /version
Fix: none: the build would go on with another value than it does now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Arg, Cmd, Entrypoint, Healthcheck, Instruction, Onbuild, Run, Shell
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.variables import missing, place_of

__all__ = ["RULE"]
_NAME = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_AT_RUN_TIME = (Arg, Cmd, Entrypoint, Healthcheck, Onbuild, Shell)


def _check(subject: Subject) -> Iterator[Found]:
    dockerfile = subject.dockerfile
    declared = {name for arg in dockerfile.meta_args for name, _ in arg.pairs}
    if not declared:
        return
    for step in subject.steps():
        found = step.instruction
        if isinstance(found, _AT_RUN_TIME):
            continue
        named = declared.intersection(_NAME.findall(found.script if isinstance(found, Run) else found.text))
        for name in sorted(name for name in named - step.env.keys() if _uses(found, name, dockerfile.escape)):
            span = place_of(dockerfile.source, found.span, name)
            yield Found(span, f"`{name}` is empty here: the ARG above FROM is for FROM lines only")


def _uses(found: Instruction, name: str, escape: str) -> bool:
    if not isinstance(found, Run):
        return name in missing(found.text, {}, escape)
    script = found.script if found.command.shell else ""
    used = re.search(rf"(?<!\\)\$(\{{{re.escape(name)}\}}|{re.escape(name)}\b)", script)
    sets = re.search(rf"\b{re.escape(name)}=|\b(for|read|local|export)\s[^\n;]*\b{re.escape(name)}\b", script)
    return bool(used) and not sets


RULE = Rule(
    code="global-arg",
    title="A stage takes up the ARG that it uses",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
