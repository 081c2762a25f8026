"""What lint found, for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from lissom.dockerfile.source import visible
from lissom.lint.fix import Safety
from lissom.lint.linted import Linted
from lissom.lint.page import Page
from lissom.lint.rule import Finding, Rule, Severity
from lissom.report.terminal import size, table

__all__ = ["lint_text", "rule_text", "rules_text"]

_WIDTH = 100
_SAFETIES = {
    Safety.SAFE: "safe fix",
    Safety.PROVABLE: "fix that a build can prove",
    Safety.UNSAFE: "fix that needs the app's probes",
}


def lint_text(all_linted: Sequence[Linted]) -> str:
    """Each finding with an excerpt of the file, then a summary."""
    blocks = [_finding(linted, finding) for linted in all_linted for finding in linted.findings]
    return "\n\n".join([*blocks, _summary(all_linted)])


def rules_text(rules: Sequence[Rule]) -> str:
    """A table of rules."""
    rows = [
        (rule.code, rule.category.value, rule.severity.value if rule.default else "off", " ".join(rule.aliases))
        for rule in rules
    ]
    return table(("RULE", "ABOUT", "SEVERITY", "ALSO CALLED"), rows)


def rule_text(rule: Rule) -> str:
    """The page of a rule."""
    page = Page.parse(rule.page)
    aliases = f", also {', '.join(rule.aliases)}" if rule.aliases else ""
    off = "" if rule.default else ", off unless it is selected"
    parts = [
        f"{rule.code}: {page.title}\n{rule.category.value}, {rule.severity.value}{off}{aliases}",
        f"What:\n{_filled(page.what)}",
        f"Why:\n{_filled(page.why)}",
        f"Settings:\n{_indented(page.settings)}" if page.settings else "",
        f"Bad:\n{_indented(page.bad)}",
        f"Good:\n{_indented(page.good)}",
        f"Fix:\n{_filled(page.fix)}",
        f"hadolint:\n{_filled(page.hadolint)}" if page.hadolint else "",
        *(_filled(note) for note in page.notes),
    ]
    return "\n\n".join(part for part in parts if part)


def _finding(linted: Linted, finding: Finding) -> str:
    source = linted.subject.dockerfile.source
    codes = " ".join((finding.rule.code, *finding.rule.aliases))
    message = visible(finding.message)
    lines = [
        f"{visible(source.place(finding.span))}: {finding.severity.value}: {message} [{codes}]",
        source.excerpt(finding.span),
    ]
    if finding.saves:
        lines.append(f"saves: {size(finding.saves)}")
    if finding.fix:
        lines.append(f"fix ({finding.fix.safety.value}): {visible(finding.fix.title)}")
    return "\n".join(lines)


def _summary(all_linted: Sequence[Linted]) -> str:
    findings = [finding for linted in all_linted for finding in linted.findings]
    where = visible(all_linted[0].name) if len(all_linted) == 1 else f"{len(all_linted)} files"
    lines = [f"note: {visible(note)}" for linted in all_linted for note in linted.notes]
    if not findings:
        return "\n".join([*lines, f"{where}: nothing found"])
    counts = Counter(finding.severity for finding in findings)
    lines.append(f"{where}: " + ", ".join(_counted(counts[one], one.value) for one in Severity if counts[one]))
    lines += _fixes(all_linted, findings)
    return "\n".join(lines)


def _fixes(all_linted: Sequence[Linted], findings: Sequence[Finding]) -> Iterator[str]:
    counts = Counter(finding.fix.safety for finding in findings if finding.fix)
    if not counts:
        return
    told = ", ".join(f"{counts[one]} with a {_SAFETIES[one]}" for one in Safety if counts[one])
    verify = "" if counts[Safety.SAFE] == sum(counts.values()) else " --verify"
    path = next((visible(one.name) for one in all_linted if any(finding.fix for finding in one.findings)), "")
    yield f"{told}: `lissom fix{verify} {path}` shows what it would change"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 or word == "info" else f"{count} {word}s"


def _filled(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _indented(text: str) -> str:
    return textwrap.indent(text.rstrip("\n"), "    ")
