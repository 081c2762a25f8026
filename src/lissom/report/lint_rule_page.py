"""Pages of rules as Markdown, and a table of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from lissom.lint.page import Page
from lissom.lint.rule import Category, Rule

__all__ = ["rule_page", "rules_index"]

_WIDTH = 120
_HEAD = (
    "[Linting](../linting.md) says how to choose among them. This page and those of the rules are made of the rules "
    "themselves, by `tools/rule-pages`."
)
_FOOT = (
    "---\n\n[All rules](README.md) · to leave it out: `--ignore {code}`, or before the instruction the comment "
    "`# lissom ignore={code}`"
)
_ABOUT = {
    Category.SIZE: "Size: bytes that the image would not miss",
    Category.SPEED: "Speed: builds that do again what they did before",
    Category.SAFETY: "Safety: what helps an attacker, or lets a secret out",
    Category.CORRECTNESS: "Correctness: what does something else than it says, or something else tomorrow",
}


def rule_page(rule: Rule) -> str:
    """The page of one rule."""
    page = Page.parse(rule.page)
    also = f" Also called {_codes(rule.aliases)}." if rule.aliases else ""
    off = "" if rule.default else " Off unless it is selected."
    parts = [
        f"# {rule.code}",
        f"**{page.title}** {rule.category.value.capitalize()}, {rule.severity.value}.{also}{off}",
        _paragraph(_sentence(page.what)),
        f"## Why\n\n{_paragraph(_sentence(page.why))}",
        f"## Settings\n\n```toml\n[lint]\n{page.settings}```" if page.settings else "",
        f"## Bad\n\n```dockerfile\n{page.bad}```",
        _context(page),
        f"## Good\n\n```dockerfile\n{page.good}```",
        f"## Fix\n\n{_paragraph(_sentence(page.fix))}",
        f"## hadolint's rule\n\n{_paragraph(_sentence(page.hadolint))}" if page.hadolint else "",
        *(_paragraph(note) for note in page.notes),
        _FOOT.format(code=rule.code),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def rules_index(rules: Sequence[Rule]) -> str:
    """A table of all rules, by category."""
    counts = f"{len(rules)} rules, of which {sum(rule.default for rule in rules)} are on when nothing is said."
    parts = [
        "# Rules of lissom lint",
        _paragraph(f"{counts} {_HEAD}"),
    ]
    for category, about in _ABOUT.items():
        rows = [_row(rule) for rule in rules if rule.category is category]
        table = ["| rule | what it finds | severity | fix | also called |", "| --- | --- | --- | --- | --- |", *rows]
        parts.append(f"## {about}\n\n" + "\n".join(table))
    return "\n\n".join(parts) + "\n"


def _row(rule: Rule) -> str:
    page = Page.parse(rule.page)
    fix = page.fix.split()[0].rstrip(":,.")
    severity = rule.severity.value if rule.default else f"{rule.severity.value}, off"
    title = page.title.rstrip(".").replace("|", "\\|")
    return f"| [{rule.code}]({rule.code}.md) | {title} | {severity} | {fix} | {_codes(rule.aliases)} |"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _sentence(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _paragraph(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _context(page: Page) -> str:
    if not page.context:
        return ""
    files = "\n".join(f"{path} {size}" for path, size in page.context)
    return f"with these files in the build context (bytes):\n\n```text\n{files}\n```"
