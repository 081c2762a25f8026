"""What lint found, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lissom.dockerfile.source import Source, Span
from lissom.lint.fix import Fix, Safety
from lissom.lint.linted import Linted
from lissom.lint.page import Page
from lissom.lint.rule import Finding, Rule, Severity

__all__ = ["lint_json", "rules_json"]


def lint_json(all_linted: Sequence[Linted], errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An object with ``findings`` and a ``summary``; ``errors`` are messages by the names of files that do not parse.

    Lines and columns count from 1, columns are characters; ``start`` and ``end`` are characters from 0.
    """
    findings = [(linted, finding) for linted in all_linted for finding in linted.findings]
    fixes = [finding.fix for _, finding in findings if finding.fix]
    return {
        "findings": [_finding_json(linted.subject.dockerfile.source, finding) for linted, finding in findings],
        "summary": {
            "files": len(all_linted),
            "findings": len(findings),
            **{one.value: sum(finding.severity is one for _, finding in findings) for one in Severity},
            "fixes": {one.value: sum(fix.safety is one for fix in fixes) for one in Safety},
            "saves": sum(finding.saves or 0 for _, finding in findings),
            "failed": any(linted.fails for linted in all_linted) or bool(errors),
        },
        "notes": [{"file": linted.name, "message": note} for linted in all_linted for note in linted.notes],
        "errors": [{"file": name, "message": message} for name, message in (errors or {}).items()],
    }


def _finding_json(source: Source, finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": finding.rule.code,
        "aliases": list(finding.rule.aliases),
        "category": finding.rule.category.value,
        "severity": finding.severity.value,
        "file": source.name,
        **_place(source, finding.span),
        "message": finding.message,
        "saves": finding.saves,
        "fix": None if finding.fix is None else _fix(source, finding.fix),
    }


def rules_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules with their pages."""
    found: list[dict[str, Any]] = []
    for rule in rules:
        page = Page.parse(rule.page)
        found.append(
            {
                "code": rule.code,
                "title": page.title,
                "category": rule.category.value,
                "severity": rule.severity.value,
                "aliases": list(rule.aliases),
                "default": rule.default,
                "what": page.what,
                "why": page.why,
                "bad": page.bad,
                "good": page.good,
                "fix": page.fix,
            }
        )
    return found


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "equivalence": fix.equivalence.name,
        "because": fix.because,
        "edits": [{**_place(source, edit.span), "replacement": edit.replacement} for edit in fix.edits],
        "files": dict(fix.files),
    }


def _place(source: Source, span: Span) -> dict[str, int]:
    line, column = source.line_col(span.start)
    end_line, end_column = source.line_col(span.end)
    return {
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "start": span.start,
        "end": span.end,
    }
