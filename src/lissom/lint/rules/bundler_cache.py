"""The packed gems that were downloaded stay in the layer.

What: `bundle install`, or `gem install` of more than Bundler itself, in a stage that is shipped, and nothing behind it
in the same RUN that removes a `cache` directory.
Why: each gem is kept as the archive it came in, beside what was unpacked of it.
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
    title="The packed gems that were downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(BUNDLER),
    page=__doc__ or "",
)
