"""What a slim did, and what a proof says, for a terminal of a hundred columns."""

from __future__ import annotations

from typing import Any

from lissom.report.growth import share
from lissom.report.harmless import harmless
from lissom.report.surface_text import facts, lost
from lissom.report.terminal import size, table
from lissom.slim.account import Account
from lissom.verify.compare import Outcome, Verdict

__all__ = ["summary", "verdict_json", "verdict_text"]

_ROWS = 8
_WIDTH = 100
_REASON = 22
_SAYS = 57
_NAMES = 4


def summary(account: Account) -> str:
    """Sizes, the proof, why bytes stay, whose went, what the surface lost; fits a hundred columns."""
    parts = [_sizes(account), _proof(account), _reasons(account), _gone(account), _surface(account), _notes(account)]
    return "\n\n".join(part for part in parts if part)


def _sizes(account: Account) -> str:
    before, after = account.before, account.after
    rows = [
        ["size", size(before.size), size(after.size), share(before.size, after.size)],
        ["compressed", size(before.compressed), size(after.compressed), share(before.compressed, after.compressed)],
        ["files", f"{before.files:,}", f"{after.files:,}", share(before.files, after.files)],
    ]
    names = (_cut(before.reference or before.digest, 36), _cut(after.reference or after.digest, 36))
    return table(["", *names, "CHANGE"], rows)


def _proof(account: Account) -> str:
    if not account.probes:
        return "proof: there was no probe"
    words = {"passed": "passes", "failed": "FAILS", "inconclusive": "is inconclusive"}
    total = sum(seconds for seconds in account.timing.values())
    head = f"proof {words[account.verdict]}: {account.passed} of {len(account.probes)} probes see what they saw before"
    if account.repairs:
        rounds = max(repair.round for repair in account.repairs)
        head += f"; {_count(len(account.repairs), 'file')} came back in {_count(rounds, 'repair')}"
    lines = [f"{head} ({total:.1f}s in all)" if total else head]
    for row in (row for row in account.probes if row.result != "passed"):
        lines += [f"  {row.result}: {_cut(row.name, _WIDTH - 20)}", f"    before: {_cut(row.before, _WIDTH - 12)}"]
        lines.append(f"    after:  {_cut(row.after, _WIDTH - 12)}")
    return "\n".join(lines)


def _reasons(account: Account) -> str:
    groups = [group for group in account.groups if group.files]
    rows = [
        [_cut(group.reason, _REASON), f"{group.files:,}", size(group.size), _cut(group.says, _SAYS)]
        for group in groups[:_ROWS]
    ]
    if rest := groups[_ROWS:]:
        rows.append([f"{len(rest)} more", f"{sum(g.files for g in rest):,}", size(sum(g.size for g in rest)), ""])
    return table(["WHY IT STAYS", "FILES", "SIZE", ""], rows) if rows else ""


def _gone(account: Account) -> str:
    groups = [group for group in account.gone if group.files]
    rows = [
        [_cut(group.package or "no package", _REASON), f"{group.files:,}", size(group.size), _stays(group.size_kept)]
        for group in groups[:_ROWS]
    ]
    if rest := groups[_ROWS:]:
        rows.append([f"{len(rest)} more", f"{sum(g.files for g in rest):,}", size(sum(g.size for g in rest)), ""])
    return table(["WHAT WENT", "FILES", "SIZE", ""], rows) if rows else "nothing went: the image was minimal already"


def _stays(count: int) -> str:
    return f"{size(count)} stay" if count else ""


def _surface(account: Account) -> str:
    before, after = account.surface_before, account.surface_after
    if before is None or after is None:
        return ""
    numbers = {title: (old, new) for title, old, new in facts(before, after) if old != new}
    paths = dict(lost(before, after))
    rows = [
        [title, f"{_cut(old, 30)} → {_cut(new, 30)}", _some(paths.get(title, ()))]
        for title, (old, new) in numbers.items()
    ]
    return table(["SURFACE", "", "GONE"], rows) if rows else ""


def _some(paths: tuple[str, ...]) -> str:
    names = [path.rpartition("/")[2] for path in paths]
    more = [f"{len(names) - _NAMES} more"] if len(names) > _NAMES else []
    return _cut(", ".join([*names[:_NAMES], *more]), 50)


def _notes(account: Account) -> str:
    lines = [f"warning: {harmless(warning)}" for warning in account.warnings]
    if account.modules:
        lines.insert(
            0, f"java runtime of {_count(len(account.modules), 'module')}: {_cut(', '.join(account.modules), 60)}"
        )
    return "\n".join(lines)


def verdict_text(verdict: Verdict) -> str:
    """A table of probes, and the outcome."""
    rows = [[row.outcome.value, _cut(row.name, 40), _cut(row.before, 24), _cut(row.after, 24)] for row in verdict.rows]
    words = {
        Outcome.PASSED: "the second image does what the first does",
        Outcome.FAILED: "the second image does not do what the first does",
        Outcome.INCONCLUSIVE: "the probes decide nothing",
    }
    counts = ", ".join(f"{len(verdict.of(outcome))} {outcome.value}" for outcome in Outcome if verdict.of(outcome))
    lines = [table(["RESULT", "PROBE", "BEFORE", "AFTER"], rows), ""] if rows else []
    lines += [f"  {harmless(row.name)}: {harmless(row.words)}" for row in verdict.rows if row.words]
    return "\n".join([*lines, f"{words[verdict.outcome]}: {counts or 'there is no probe'}"])


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """As a JSON object."""
    return {
        "outcome": verdict.outcome.value,
        "probes": [
            {"name": row.name, "outcome": row.outcome.value, "before": row.before, "after": row.after,
             "words": row.words, "where": row.where}
            for row in verdict.rows
        ],
    }  # fmt: skip


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _cut(text: str, width: int) -> str:
    text = harmless(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
