"""The packed gems that Bundler downloaded stay in the layer.

What: `bundle install` in a stage that is shipped, and nothing behind it in the same RUN that removes a `cache`
directory.
Why: Bundler keeps each gem as the archive it came in, beside what it unpacked.
Bad:
    FROM ruby:3.3
    RUN bundle install
Good:
    FROM ruby:3.3
    RUN bundle install && rm -rf /usr/local/bundle/cache
Fix: none: where the gems go depends on settings that the text does not hold.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import BUNDLER
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="bundler-cache",
    title="The packed gems that Bundler downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(BUNDLER),
    page=__doc__ or "",
)
