"""Ruby gems have a version.

What: a gem that `gem install` gets without `:version` or `-v`. A hint only.
Why: the same file gives another image next month. A `Gemfile.lock` pins what it depends on as well.
Bad:
    FROM ruby:3.3
    RUN gem install rake
Good:
    FROM ruby:3.3
    RUN gem install rake:13.2.1
Fix: none: the version is in the image or in a registry, not in the text.
hadolint: agrees; but an option before the name (`--no-document rake`) hides the gem from it, and it takes a `.gem`
file for a name.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.shell.script import Word
from lissom.lint.calls.call import Call
from lissom.lint.packages.pinning import unpinned
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_VALUED = ("-i", "--install-dir", "-n", "--bindir", "-s", "--source", "--platform", "-P", "--trust-policy", "-p")


def _loose(call: Call) -> Iterator[Word]:
    names = call.operands_with(_VALUED)
    if call.program != "gem" or not names or names[0].value not in ("install", "i"):
        return
    if call.has("-v", "--version", "-g", "--file"):
        return
    for word in names[1:]:
        if word.text.startswith("-"):
            return
        if ":" not in word.text and not word.text.endswith(".gem"):
            yield word


def _check(subject: Subject) -> Iterator[Found]:
    return unpinned(subject, _loose)


RULE = Rule(
    code="gem-version",
    title="Ruby gems have a version",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3028",),
    check=_check,
    page=__doc__ or "",
)
