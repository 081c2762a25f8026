"""Every rule's page holds: the bad example is found, the good one is not, and the fix does what the page says."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from lissom.dockerfile.parser import parse
from lissom.lint import rules
from lissom.lint.build_context.facts import context_facts
from lissom.lint.fix import Safety
from lissom.lint.page import Page
from lissom.lint.rule import Finding, Rule
from lissom.lint.rules.all import RULES
from lissom.lint.settings_file import parse_settings
from lissom.lint.subject import ContextFacts
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def facts(page: Page, ignore_text: str | None) -> ContextFacts | None:
    entries = {"": Entry("", Kind.DIRECTORY, 0o755)}
    for path, size in page.context:
        above = parent_of(path)
        while above and above not in entries:
            entries[above] = Entry(above, Kind.DIRECTORY, 0o755)
            above = parent_of(above)
        entries[path] = Entry(path, Kind.FILE, size=size, content=Inline(b""))
    return (
        context_facts(Tree(dict(sorted(entries.items()))), ignore_text or page.ignored or None)
        if page.context
        else None
    )


def found(rule: Rule, page: Page, text: str, ignore_text: str | None = None) -> list[Finding]:
    given = parse_settings("[lint]\n" + page.settings, "lissom.toml")
    subject = subject_of(parse(text), context=facts(page, ignore_text), settings=given.of_rules)
    return [
        Finding(rule, one.span, one.message, one.severity or rule.severity, one.fix, one.saves)
        for one in rule.check(subject)
    ]


@every_rule
def test_the_page_has_all_its_parts(rule):
    page = Page.parse(rule.page)
    assert page.title
    assert page.title.endswith(".")
    assert all((page.what, page.why, page.bad, page.good))
    assert page.fix.split()[0].rstrip(":,.") in ("safe", "provable", "unsafe", "none")


@every_rule
def test_the_bad_example_is_found(rule):
    page = Page.parse(rule.page)
    findings = found(rule, page, page.bad)
    assert findings
    for one in findings:
        assert 0 <= one.span.start <= one.span.end <= len(page.bad)
        assert not one.message.endswith(".")


@every_rule
def test_the_good_example_is_not(rule):
    page = Page.parse(rule.page)
    assert [one.message for one in found(rule, page, page.good)] == []


@every_rule
def test_the_fix_is_what_the_page_says(rule):
    page = Page.parse(rule.page)
    first = page.fix.split()[0].rstrip(":,.")
    text, ignore_text = page.bad, None
    offered = [one.fix for one in found(rule, page, text) if one.fix]
    if first == "none":
        assert offered == []
        return
    assert offered
    for _ in range(10):
        fixes = [one.fix for one in found(rule, page, text, ignore_text) if one.fix]
        fixes = [fix for fix in fixes if fix.safety is Safety(first)]
        if not fixes:
            break
        text = parse(text).source.apply(fixes[0].edits)
        ignore_text = fixes[0].files.get(".dockerignore", ignore_text)
        parse(text)
    assert [one.message for one in found(rule, page, text, ignore_text)] == []


def test_codes_are_the_names_of_their_files_and_aliases_those_of_other_tools():
    modules = {module.name.replace("_", "-") for module in pkgutil.iter_modules(rules.__path__)} - {"all"}
    several = {
        name
        for name in modules
        if hasattr(importlib.import_module(f"{rules.__name__}.{name.replace('-', '_')}"), "RULES")
    }
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes))
    assert modules - several == set(codes) - {rule.code for rule in RULES if rule.code not in modules}
    for rule in RULES:
        assert all(re.fullmatch(r"(DL|SC)[0-9]{4}|[A-Z][A-Za-z]+", alias) for alias in rule.aliases), rule.code
