"""What lint found, as SARIF 2.1.0: the form in which code hosts show findings beside the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lissom.dockerfile.source import Source, Span
from lissom.lint.fix import Fix
from lissom.lint.linted import Linted
from lissom.lint.page import Page
from lissom.lint.rule import Finding, Rule, Severity

__all__ = ["lint_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def lint_sarif(
    all_linted: Sequence[Linted], rules: Sequence[Rule], version: str, errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A log with one run: every rule with its page, every finding with its place and its fix.

    ``errors`` are messages by the names of files that do not parse: they become notifications of the run.
    """
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    findings = [(linted.subject.dockerfile.source, finding) for linted in all_linted for finding in linted.findings]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "lissom", "version": version, "rules": [_rule(rule) for rule in rules]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(all_linted, errors or {})],
                "artifacts": [{"location": _location(linted.name)} for linted in all_linted],
                "results": [_result(source, finding, numbers) for source, finding in findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    page = Page.parse(rule.page)
    return {
        "id": rule.code,
        "name": "".join(part.title() for part in rule.code.split("-")),
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.what},
        "help": {"text": f"{page.why}\n\nGood:\n\n{page.good}\nFix: {page.fix}", "markdown": _markdown(page)},
        "defaultConfiguration": {"enabled": rule.default, "level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category.value, *rule.aliases]},
    }


def _markdown(page: Page) -> str:
    return (
        f"{page.what}\n\n{page.why}\n\nBad:\n\n```dockerfile\n{page.bad}```\n\n"
        f"Good:\n\n```dockerfile\n{page.good}```\n\nFix: {page.fix}\n"
    )


def _invocation(all_linted: Sequence[Linted], errors: Mapping[str, str]) -> dict[str, Any]:
    failures = [_notification("error", name, message) for name, message in errors.items()]
    notes = [_notification("note", linted.name, note) for linted in all_linted for note in linted.notes]
    return {"executionSuccessful": not errors, "toolExecutionNotifications": failures + notes}


def _notification(level: str, name: str, message: str) -> dict[str, Any]:
    return {
        "level": level,
        "message": {"text": _text(message)},
        "locations": [{"physicalLocation": {"artifactLocation": _location(name)}}],
    }


def _result(source: Source, finding: Finding, numbers: Mapping[str, int]) -> dict[str, Any]:
    place = {"artifactLocation": _location(source.name), "region": _region(source, finding.span, snippet=True)}
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": numbers[finding.rule.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(f"{finding.message}.")},
        "locations": [{"physicalLocation": place}],
    }
    if finding.saves is not None:
        result["properties"] = {"saves": finding.saves}
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(source, finding.fix)]
    return result


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": _text(edit.replacement)}}
        for edit in fix.edits
    ]
    return {
        "description": {"text": _text(f"{fix.title} ({fix.safety.value}: {fix.because})")},
        "artifactChanges": [{"artifactLocation": _location(source.name), "replacements": replacements}],
    }


def _region(source: Source, span: Span, *, snippet: bool = False) -> dict[str, Any]:
    line, column = source.line_col(span.start)
    end_line, end_column = source.line_col(span.end)
    region: dict[str, Any] = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    if snippet:
        region["snippet"] = {"text": _text(source.cut(span))}
    return region


def _location(name: str) -> dict[str, str]:
    return {"uri": quote(name.encode("utf-8", "surrogateescape"), safe="/._-~")}


def _text(text: str) -> str:
    """SARIF is Unicode: what is none becomes a sign that says so."""
    return text.encode("utf-8", "replace").decode()
