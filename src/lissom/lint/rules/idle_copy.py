"""COPY names files that an app does not read: tests, documentation, dependencies of the developer's machine.

What: a source of COPY or ADD into the image that is called tests, docs, examples, node_modules, .venv, target, coverage
and the like, or that is a log, a dump of memory or a database. What a COPY of the whole context brings is the business
of the rule `dockerignore`.
Why: somebody wrote the name down, so somebody may need it; mostly it was listed with the rest.
Bad:
    FROM python:3.12-slim
    COPY app /srv/app
    COPY tests /srv/tests
    CMD ["python", "-m", "app"]
Good:
    FROM python:3.12-slim
    COPY app /srv/app
    CMD ["python", "-m", "app"]
Fix: none: whether the app reads them only the app can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.lint.copies.from_context import from_context
from lissom.lint.lineage import steps_below
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.wording import quoted

__all__ = ["RULE"]

_IDLE = re.compile(
    r"tests?|specs?|__tests__|docs?|documentation|examples?|samples|benchmarks?|coverage|htmlcov|\.github|\.gitlab|\.vscode"
    r"|\.idea|\.pytest_cache|\.mypy_cache|__pycache__|\.tox|.*\.log|.*\.(hprof|dmp|core)|core(\.[0-9]+)?|.*\.(bak|swp|orig)"
)
_FOREIGN = re.compile(r"node_modules|\.?venv|virtualenv|bower_components|\.cache|\.npm|\.m2|\.gradle|\.cargo")


def _check(subject: Subject) -> Iterator[Found]:
    for step in steps_below(subject, subject.final):
        found = from_context(step.instruction)
        for source in found.sources if found else ():
            name = source.rstrip("/*").rpartition("/")[2]
            span = subject.dockerfile.source.narrow(step.instruction.span, source)
            if "://" in source:
                continue
            if _FOREIGN.fullmatch(name):
                yield Found(span, f"{quoted(source)} holds what was installed on another machine")
            elif _IDLE.fullmatch(name):
                yield Found(span, f"an app hardly reads {quoted(source)}", severity=Severity.INFO)


RULE = Rule(
    code="idle-copy",
    title="COPY names files that an app does not read",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
