"""The documentation of gems stays in the layer.

What: `gem install` without `--no-document` in a stage that is shipped. Official ruby images are left alone: their
settings say no already; so are stages where a step writes that into a gemrc.
Why: RDoc pages take as much space as the gems, and more time than the installation.
Bad:
    FROM debian:bookworm
    RUN gem install rack
Good:
    FROM debian:bookworm
    RUN gem install --no-document rack
Fix: safe (E1): the gem is the same, its `doc` directory is not made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.caches.finding import found_of
from lissom.lint.caches.languages import GEM_DOCS
from lissom.lint.caches.left import left_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_OFFICIAL = ("ruby", "jruby")


def _check(subject: Subject) -> Iterator[Found]:
    for left in left_of(subject, GEM_DOCS):
        if left.stage.base.name not in _OFFICIAL:
            yield found_of(subject, left, GEM_DOCS)


RULE = Rule(
    code="gem-docs",
    title="The documentation of gems stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
