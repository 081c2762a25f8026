"""Fixes as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lissom.lint.fix import Fix
from lissom.lint.fixed import Draft, Fixed, Left, Made
from lissom.lint.proof import Proof, Weight
from lissom.lint.rule import Finding
from lissom.verify.compare import Verdict

__all__ = ["fixed_json", "proof_json"]


def fixed_json(name: str, fixed: Fixed) -> dict[str, Any]:
    """What was made and what was left; ``text`` is the Dockerfile as it would be written."""
    return {
        "file": name,
        "applied": [_made(one, one.line) for one in fixed.made],
        "left": _left(fixed.left),
        **_draft(fixed.draft),
    }


def proof_json(name: str, proof: Proof) -> dict[str, Any]:
    """A proof: digests, sizes in bytes, noise, verdicts. ``saves`` is null where edits were measured together."""
    together = {number: one for one in proof.savings for number in range(one.first, one.last + 1)}
    applied = []
    for number, one in enumerate(proof.kept, 1):
        saving = together.get(number)
        alone = saving is not None and saving.first == saving.last
        applied.append(
            {
                **_made(one.made, one.line),
                "proved": one.level.name if one.level is not None else None,
                "saves": saving.size if saving is not None and alone else None,
            }
        )
    return {
        "file": name,
        "applied": applied,
        "saved_together": [
            {"edits": list(range(one.first, one.last + 1)), "size": one.size}
            for one in proof.savings
            if one.first != one.last
        ],
        "dropped": _left(proof.dropped),
        "left": _left(proof.left),
        "before": _weight(proof.before),
        "after": _weight(proof.after),
        "gone": list(proof.gone),
        "noise": None if proof.noise is None else list(proof.noise),
        "probes": None if proof.verdict is None else _verdict(proof.verdict),
        "builds": proof.builds,
        "seconds": round(proof.seconds, 2),
        **_draft(proof.draft),
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {"text": draft.text, "files": dict(draft.files)}


def _made(made: Made, line: int) -> dict[str, Any]:
    before, after = made.lines
    return {**_finding(made.finding, line), **_fix(made.fix), "before": list(before), "after": list(after)}


def _left(left: Sequence[Left]) -> list[dict[str, Any]]:
    return [{**_finding(one.finding, one.line), **_fix(one.fix), "reason": one.reason} for one in left]


def _finding(finding: Finding, line: int) -> dict[str, Any]:
    return {"code": finding.rule.code, "line": line, "message": finding.message}


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "equivalence": fix.equivalence.name,
        "because": fix.because,
        "config": list(fix.config),
        "paths": list(fix.paths),
    }


def _weight(weight: Weight) -> dict[str, Any]:
    return {"digest": weight.digest, "size": weight.size, "compressed": weight.compressed}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    rows = [
        {"name": row.name, "outcome": row.outcome.value, "before": row.before, "after": row.after, "words": row.words}
        for row in verdict.rows
    ]
    return {"outcome": verdict.outcome.value, "rows": rows}
