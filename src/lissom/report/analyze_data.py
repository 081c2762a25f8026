"""A ledger as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lissom.analysis.ledger.share import Ledger, Share, Waste
from lissom.report.instruction_text import instruction_text
from lissom.report.ledger_sums import rows_of
from lissom.report.waste_action import action, rules_of

__all__ = ["analyze_json"]


def analyze_json(ledger: Ledger, *, files: bool) -> dict[str, Any]:
    """As a JSON object: bytes everywhere, layers counted from 0, paths with a slash before; every file if asked."""
    found: dict[str, Any] = {
        "image": ledger.name,
        "digest": ledger.digest,
        "platform": ledger.platform,
        "dockerfile": ledger.dockerfile or None,
        "base": ledger.base or None,
        "size": ledger.size,
        "live": ledger.live,
        "links": ledger.links,
        "compressed": ledger.compressed,
        "marginal": ledger.marginal,
        "efficiency": round(ledger.efficiency, 6),
        "dive": {"efficiency": round(ledger.dive_efficiency, 6), "wasted": ledger.dive_wasted},
        "reclaimable": {effort.name.lower(): size for effort, size in ledger.reclaimable().items()},
        "waste": {_word_of(kind): size for kind, size in ledger.wasted().items()},
        "layers": _layers(ledger),
        "steps": _steps(ledger),
        "wastes": [_waste(ledger, waste) for waste in ledger.wastes],
        "packages": [
            {"package": name or None, "live": size, "essential": name in ledger.essential}
            for name, size in sorted(ledger.packages.items(), key=lambda one: (-one[1], one[0]))
        ],
        "secrets": [asdict(secret) for secret in ledger.secrets],
    }
    if files:
        found["files"] = [_file(share) for share in ledger.shares]
    return found


def _word_of(kind: object) -> str:
    """``PACKAGE_LISTS`` as ``package-lists``."""
    return str(getattr(kind, "name", "")).lower().replace("_", "-")


def _layers(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "layer": layer.number, "digest": layer.digest, "diff_id": layer.diff_id, "step": layer.step,
            "base": layer.base, "shared": layer.shared, "size": layer.size, "live": layer.live, "tar": layer.tar,
            "compressed": layer.compressed, "files": layer.files,
            "hidden_by": {str(number): size for number, size in sorted(row.hidden.items())},
            "waste": {_word_of(kind): size for kind, size in row.waste.items() if size},
        }
        for layer, row in zip(ledger.layers, rows_of(ledger), strict=True)
    ]  # fmt: skip


def _steps(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "step": step.number, "created_by": step.created_by, "instruction": instruction_text(step.created_by),
            "layer": step.layer, "lines": list(step.lines) if step.lines else None, "file": step.file,
            "base": step.base, "size": step.size, "live": step.live,
        }
        for step in ledger.steps
    ]  # fmt: skip


def _waste(ledger: Ledger, waste: Waste) -> dict[str, Any]:
    step = ledger.step_of(waste.layer)
    killer = None if waste.hidden_by is None else ledger.step_of(waste.hidden_by)
    return {
        "kind": _word_of(waste.kind), "detail": waste.detail or None, "bytes": waste.size, "files": waste.count,
        "layer": waste.layer, "lines": list(step.lines) if step and step.lines else None, "hidden_by": waste.hidden_by,
        "hidden_by_lines": list(killer.lines) if killer and killer.lines else None,
        "effort": waste.kind.effort.name.lower(), "action": action(ledger, waste),
        "rules": list(rules_of(ledger, waste)),
        "largest": [f"/{path}" for path in waste.paths],
    }  # fmt: skip


def _file(share: Share) -> dict[str, Any]:
    """What says nothing is left out."""
    found: dict[str, Any] = {"path": f"/{share.path}", "size": share.size, "layer": share.layer}
    found["fate"] = _word_of(share.fate)
    if share.hidden_by is not None:
        found |= {"hidden_by": share.hidden_by, "how": _word_of(share.how), "hidden_at": f"/{share.hidden_at}"}
    if share.waste is not None:
        found |= {"waste": _word_of(share.waste), "wasted": share.wasted, "detail": share.detail}
    named = {"package": share.package, "same_as": share.same_as, "link": share.link, "secret": share.secret}
    found |= {name: text for name, text in named.items() if text}
    if share.digest:
        found["content"] = share.digest.hex()
    return found
