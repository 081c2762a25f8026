"""Does an image still do what it did? Two runs of the original against one of the new image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lissom.errors import UsageError, VerifyError
from lissom.verify.expect import shortened
from lissom.verify.observation import Exercise, Observation

__all__ = ["Outcome", "Row", "Verdict", "compare", "require_sound"]

_LOOSE = ("start", "stop", "health")
_HOW_TO_START = (
    "give it what it needs: variables (-e), a user (-u), more time (--wait); arguments, volumes and other ways"
    " to be ready go into a probes file"
)


class Outcome(Enum):
    """What a proof says. INCONCLUSIVE is no pass: the original itself does not answer alike twice, or fails."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Row:
    """One probe in the table: what it gave before and after in a few words, and why the outcome is what it is."""

    name: str
    outcome: Outcome
    before: str
    after: str
    words: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of all rows: failed when any is, else inconclusive when any is, or when there is none."""

    outcome: Outcome
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    def of(self, outcome: Outcome) -> tuple[Row, ...]:
        """The rows with this outcome."""
        return tuple(row for row in self.rows if row.outcome is outcome)


def require_sound(before: Exercise) -> None:
    """Raise VerifyError when a probe fails on the original: there is nothing to hold a new image against then."""
    failures = before.failures
    if not failures:
        return
    first = next((one for one in failures if one.kind == "start"), failures[0])
    if first.kind == "start":
        raise VerifyError(first.failure or "", hint=_HOW_TO_START)
    others = [f"`{one.name}`: {one.failure}" for one in failures[:10]]
    lines = "".join(f"\n  {line}" for line in others)
    more = f"\n  and {len(failures) - 10} more" if len(failures) > 10 else ""
    raise VerifyError(
        f"cannot use the probes: {len(failures)} of {len(before.observations)} fail on the original already"
        f"{lines}{more}",
        hint="correct what they expect, or the image: what failed before proves nothing afterwards",
    )


def compare(before: Sequence[Exercise], after: Exercise) -> Verdict:
    """Hold what was seen of a new image against what was seen of the original, once or better twice.

    What differs between two runs of the original is flaky and decides nothing, except bodies: one that was not the
    same twice counts by its status and expectation alone.
    """
    if not before:
        raise UsageError("cannot compare: there is no run of the original")
    names = dict.fromkeys(name for run in before for name in run.by_name)
    rows = [row for name in names if (row := _row(name, [run.by_name.get(name) for run in before], after)) is not None]
    rows += [_unasked(one) for one in after.observations if one.name not in names and one.failure is not None]
    outcomes = {row.outcome for row in rows}
    if Outcome.FAILED in outcomes:
        return Verdict(Outcome.FAILED, tuple(rows))
    sure = outcomes == {Outcome.PASSED}
    return Verdict(Outcome.PASSED if sure else Outcome.INCONCLUSIVE, tuple(rows))


def _row(name: str, runs: list[Observation | None], after: Exercise) -> Row | None:
    """The row of one name; None for a page that only one crawl found."""
    seen = [one for one in runs if one is not None]
    now, first = after.by_name.get(name), seen[0]
    if first.kind == "crawl" and len(seen) < len(runs):
        return None
    outcome, words = _judge(runs, seen, now)
    if now is None and outcome is Outcome.FAILED and (why := _find_end(after)):
        words = f"it was not reached: {why}"
    return Row(name, outcome, _shown(first), "" if now is None else _shown(now), words, first.where)


def _find_end(after: Exercise) -> str | None:
    """Why nothing was reached any more."""
    for one in after.observations:
        if one.kind == "start" and one.failure is not None:
            return one.failure
        if one.kind == "end":
            return one.failure or f"it ended by itself with status {one.status}: {one.excerpt}"
    return None


def _judge(runs: list[Observation | None], seen: list[Observation], now: Observation | None) -> tuple[Outcome, str]:
    first = seen[0]
    if flaky := _find_doubt(runs, seen):
        return Outcome.INCONCLUSIVE, flaky
    if now is None:
        return Outcome.FAILED, "no link leads there any more" if first.kind == "crawl" else "it was not reached"
    if now.failure is not None:
        return Outcome.FAILED, now.failure
    if now.status != first.status:
        return Outcome.FAILED, f"status {now.status} instead of {first.status}: {now.excerpt}".removesuffix(": ")
    return _judge_content(seen, now)


def _find_doubt(runs: list[Observation | None], seen: list[Observation]) -> str | None:
    """Why the original is nothing to compare with."""
    first = seen[0]
    if len(seen) < len(runs):
        return "flaky: one run of the original did not get there"
    if all(one.failure is not None for one in seen):
        return f"fails on the original already: {first.failure}"
    failure = next((one.failure for one in seen if one.failure is not None), None)
    if failure is not None:
        return f"flaky on the original: {failure}"
    other = next((one for one in seen if one.status != first.status), first)
    return None if other is first else f"flaky on the original: status {first.status}, then {other.status}"


def _judge_content(seen: list[Observation], now: Observation) -> tuple[Outcome, str]:
    first = seen[0]
    if first.kind in _LOOSE:
        return Outcome.PASSED, ""
    gone = dict(now.headers)
    for name, value in first.headers:
        if all((name, value) in one.headers for one in seen) and gone.get(name) != value:
            return Outcome.FAILED, f"header {name} is {gone.get(name, 'gone')!r} instead of {value!r}"
    if any(one.digest != first.digest for one in seen):
        return Outcome.PASSED, "its body is another each time, so its status counts"
    if now.digest == first.digest:
        return Outcome.PASSED, ""
    if first.settled and now.settled == first.settled:
        return Outcome.PASSED, "only times differ"
    what = "output" if first.kind in ("exec", "run") else "body"
    sizes = f"{first.size} bytes before, {now.size} after"
    return Outcome.FAILED, f"the {what} differs ({sizes}): {shortened(now.excerpt, 120)}"


def _unasked(one: Observation) -> Row:
    return Row(one.name, Outcome.FAILED, "", _shown(one), one.failure or "", one.where)


def _shown(one: Observation) -> str:
    if one.failure is not None and one.status is None:
        return "fails"
    match one.kind:
        case "http" | "crawl":
            return f"{one.status}, {one.size} bytes"
        case "exec" | "run" | "health" | "script" | "stop" | "end":
            return f"exit {one.status}"
        case "start":
            return f"ready in {one.seconds:.1f} s"
        case _:
            return "as expected" if one.failure is None else "fails"
