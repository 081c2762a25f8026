"""apt is made for people, not for scripts.

What: `apt` in a RUN.
Why: it says itself that its command line and its output are not stable; it changes settings, draws progress bars and
warns in each build. `apt-get` and `apt-cache` do the same in a stable way.
Bad:
    FROM debian:bookworm
    RUN apt update && apt install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
Fix: provable (E2) for subcommands that mean the same: apt's log names the command, and `apt` deletes downloads that
`apt-get` keeps where the base image has no hook for that. None for the others, and inside `sh -c`.
hadolint: DL3027 is the same, one finding a RUN; here every call is named, those behind `sudo` too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]

_GET = frozenset(
    ("update", "install", "reinstall", "remove", "purge", "autoremove", "clean", "autoclean", "build-dep", "source")
)
_CACHE = frozenset(("show", "search", "policy", "depends", "rdepends"))
_BECAUSE = "apt's log names the command, and apt deletes downloads that apt-get keeps where no hook does"


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        if isinstance(step.instruction, Run):
            for call in calls_of(step):
                if call.program == "apt":
                    yield Found(call.span, "apt has no stable command line; scripts call apt-get", _fix(call))


def _fix(call: Call) -> Fix | None:
    better = "apt-get" if call.verb in _GET else "apt-cache" if call.verb in _CACHE else ""
    if not better or not call.exact:
        return None
    end = call.span.start + len(call.path)
    edit = Edit(Span(end - len("apt"), end), better)
    return Fix(f"call {better}", (edit,), Safety.PROVABLE, Equivalence.E2, _BECAUSE, paths=("var/log/apt/**",))


RULE = Rule(
    code="apt-command",
    title="apt is made for people, not for scripts",
    category=Category.CORRECTNESS,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
    aliases=("DL3027",),
)
