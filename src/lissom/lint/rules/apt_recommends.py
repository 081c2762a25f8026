"""apt installs packages that are merely recommended.

What: `apt-get install`, `apt install` or `aptitude install` in a stage that is shipped, without
`--no-install-recommends` and without that setting given by `-o` or written by an earlier step.
Why: recommended packages come on top of what is needed: often half of what is installed, with documentation, mail
servers, X libraries.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
Fix: unsafe (E3): a program may use what came only by recommendation (`less` beside `git`). Name such packages in the
command, as the fix does with `ca-certificates`, without which curl, wget and git reach no address by https.
hadolint: DL3015 looks at `apt-get` alone and not behind `sudo`, knows one spelling of the setting and no step that
writes it, and names stages that are thrown away too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.lint.caches.finding import with_flag
from lissom.lint.caches.left import shipped_runs
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.packages.installs import installed
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_FLAG = "--no-install-recommends"
_OFF = re.compile(r"Install-Recommends\s*[=\s]\s*[\"'\\]*(0|false|no|off|disable)", re.IGNORECASE)
_FETCHERS = frozenset(("curl", "wget", "git"))
_CERTIFICATES = "ca-certificates"
_MESSAGE = "packages that are merely recommended are installed too"
_BECAUSE = "a program may use a package that came only by recommendation"


def _check(subject: Subject) -> Iterator[Found]:
    off: set[int] = set()
    certified: set[int] = set()
    for stage, _, step in shipped_runs(subject):
        if stage.base.parent in certified or any(one.name == _CERTIFICATES for one in installed(step)):
            certified.add(stage.stage.index)
        if stage.base.parent in off:
            off.add(stage.stage.index)
        for call in calls_of(step):
            if stage.stage.index not in off and _recommends(call):
                yield Found(call.span, _MESSAGE, _fix(subject, call, certified=stage.stage.index in certified))
        if _OFF.search(step.instruction.text):
            off.add(stage.stage.index)


def _recommends(call: Call) -> bool:
    if call.program not in ("apt-get", "apt", "aptitude") or call.verb != "install":
        return False
    if call.has(_FLAG, "--without-recommends") or (call.program == "aptitude" and call.has("-R")):
        return False
    return not _OFF.search(" ".join(call.args)) and not call.has("--download-only", "-s", "--simulate", "--dry-run")


def _fix(subject: Subject, call: Call, *, certified: bool) -> Fix | None:
    edit = with_flag(call, "--without-recommends" if call.program == "aptitude" else _FLAG)
    if edit is None:
        return None
    if certified or _FETCHERS.isdisjoint(text_of(word) for word in call.operands[1:]):
        return Fix(f"add {_FLAG}", (edit,), Safety.UNSAFE, Equivalence.E3, _BECAUSE)
    before, last = call.operands[-2].span, call.operands[-1].span
    gap = subject.dockerfile.source.text[before.end : last.start]
    lines = gap if not gap.strip(f" \t\r\n{subject.dockerfile.escape}") else " "
    edits = (edit, Edit(Span(last.end, last.end), f"{lines}{_CERTIFICATES}"))
    return Fix(f"add {_FLAG}, and {_CERTIFICATES} by name", edits, Safety.UNSAFE, Equivalence.E3, _BECAUSE)


RULE = Rule(
    code="apt-recommends",
    title="apt installs packages that are merely recommended",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3015",),
)
