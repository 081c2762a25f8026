"""Make fixes in the text of a Dockerfile, again and again until there is nothing more to mend.

Text only: nothing is built. The result is settled: no allowed fix is found in it but those that are told, with the
reason why they were left. So making fixes twice changes nothing more.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source, Span
from lissom.dockerfile.syntax import Dockerfile
from lissom.errors import DockerfileError
from lissom.lint.fix import Fix, Safety
from lissom.lint.fixed import Draft, Fixed, Left, Made, origin
from lissom.lint.rule import Finding

__all__ = ["Find", "fix"]

Find = Callable[[Dockerfile, Mapping[str, str]], Iterable[Finding]]
"""What lints a Dockerfile, given the texts that files beside it would have."""

_ROUNDS = 20
_RESTARTS = 40
_GROWTH = 1 << 18  # characters; what grows beyond that in a round of fixes grows for ever
_STILL_THERE = "it is still found after its fix"
_ENDLESS = "fixes undo each other without an end"
_RANKS = {Safety.SAFE: 0, Safety.PROVABLE: 1, Safety.UNSAFE: 2}
_NOT_ASKED = {
    Safety.SAFE: "it was not asked for",
    Safety.PROVABLE: "only a build can prove it: --verify",
    Safety.UNSAFE: "only the app's probes can tell: --verify with probes, or --unsafe",
}


def fix(
    source: Source,
    find: Find,
    *,
    allowed: Collection[Safety] = (Safety.SAFE,),
    barred: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    wanted: Callable[[Finding, int], bool] | None = None,
) -> Fixed:
    """Make every fix of an allowed safety that is ``wanted``, but those whose key is ``barred`` (key → reason).

    ``wanted`` is asked with a finding and the place of its cause in ``source``. ``files`` are beside it already, though
    nobody has written them yet. Unless something is barred or not wanted, the same call on what was made makes nothing
    more. Raises DockerfileError when the text cannot be parsed as it is.
    """
    terms = _Terms(find, frozenset(allowed), wanted or (lambda _finding, _place: True))
    start = Draft(source.text, files or {})
    refused = dict(barred or {})
    for _ in range(_RESTARTS):
        done = _settled(source, start, terms, refused)
        more = () if barred or wanted or not done.rounds else _more(done, terms)
        if not more:
            return done
        refused |= _endless(done.rounds, more)
    return _Run(source, start, terms, refused).result()


@dataclass(frozen=True)
class _Terms:
    """What is to be made: what finds it, and what of it."""

    find: Find
    allowed: frozenset[Safety]
    wanted: Callable[[Finding, int], bool]


def _settled(source: Source, start: Draft, terms: _Terms, refused: Mapping[str, str]) -> Fixed:
    known = dict(refused)
    for _ in range(_RESTARTS):
        run = _Run(source, start, terms, known)
        if run.settle():
            return run.result()
        known |= run.regretted
    return _Run(source, start, terms, known).result()


def _more(done: Fixed, terms: _Terms) -> tuple[Made, ...]:
    """What would be made when what was made is fixed again, with nothing known of how it came about."""
    source = Source(done.original.name, done.draft.text)
    return _settled(source, Draft(source.text, done.draft.files), terms, {}).made


def _endless(rounds: Sequence[Sequence[Made]], more: Sequence[Made]) -> dict[str, str]:
    """What was made by rules that would go on making ``more``; the last round when none of them made any before."""
    codes = {one.finding.rule.code for one in more}
    blamed = [one for round_ in rounds for one in round_ if one.finding.rule.code in codes]
    return {one.key: _ENDLESS for one in blamed or rounds[-1]}


@dataclass(frozen=True)
class _Candidate:
    finding: Finding
    fix: Fix
    key: str
    place: int

    @property
    def order(self) -> tuple[int, int, str, str]:
        start = min((edit.span.start for edit in self.fix.edits), default=self.finding.span.start)
        return _RANKS[self.fix.safety], start, self.finding.rule.code, self.key


class _Run:
    """One way from the original to a settled draft; ``regretted`` is what should not have been made on it."""

    def __init__(self, source: Source, start: Draft, terms: _Terms, refused: Mapping[str, str]) -> None:
        self._source = source
        self._terms = terms
        self._refused = dict(refused)
        self._start = self._draft = start
        self._rounds: list[tuple[Made, ...]] = []
        self.regretted: dict[str, str] = {}

    def settle(self) -> bool:
        """Make fixes until none is left; False when some must be left out from the start."""
        for _ in range(_ROUNDS):
            source, found = self._look()
            chosen = self._chosen(self._candidates(source, found))
            if self.regretted:
                return False
            if not chosen:
                return True
            before = len(self._draft.text)
            self._make(source, chosen)
            if len(self._draft.text) > before + _GROWTH:
                break
        self.regretted = _endless(self._rounds, self._rounds[-1])
        return False

    def result(self) -> Fixed:
        source, found = self._look()
        left = [
            Left(one.finding, one.fix, self._source.line_col(one.place)[0], self._reason(one))
            for one in sorted(self._candidates(source, found), key=lambda one: (one.place, one.finding.rule.code))
        ]
        return Fixed(self._source, self._start, self._draft, tuple(self._rounds), tuple(left), found)

    def _look(self) -> tuple[Source, tuple[Finding, ...]]:
        dockerfile = parse(self._draft.text, self._source.name)
        return dockerfile.source, tuple(self._terms.find(dockerfile, self._draft.files))

    def _candidates(self, source: Source, found: Sequence[Finding]) -> list[_Candidate]:
        candidates = []
        for finding in found:
            if finding.fix is not None:
                place = min(origin(self._rounds, finding.span.start), len(self._source.text))
                candidates.append(_Candidate(finding, finding.fix, _key(source, finding, finding.fix, place), place))
        return candidates

    def _chosen(self, candidates: Iterable[_Candidate]) -> list[_Candidate]:
        """Those that can be made at once: they neither overlap nor touch, and write different files."""
        made = {one.key for round_ in self._rounds for one in round_}
        taken = _Taken()
        chosen = []
        for one in sorted(candidates, key=lambda one: one.order):
            if not self._may(one):
                continue
            if one.key in made:
                self.regretted[one.key] = _STILL_THERE
            elif _is_idle(self._draft, one.fix):
                self._refused[one.key] = "it changes nothing"
            elif taken.take(one.fix):
                chosen.append(one)
        return chosen

    def _may(self, one: _Candidate) -> bool:
        return (
            one.key not in self._refused
            and one.fix.safety in self._terms.allowed
            and self._terms.wanted(one.finding, one.place)
        )

    def _reason(self, one: _Candidate) -> str:
        return self._refused.get(one.key) or _NOT_ASKED[one.fix.safety]

    def _make(self, source: Source, chosen: list[_Candidate]) -> None:
        sound = self._sound(source, [], chosen)
        if not sound:
            return
        self._draft = self._draft.after([one.fix for one in sound])
        made = (Made(o.finding, o.fix, o.key, self._source.line_col(o.place)[0], source) for o in sound)
        self._rounds.append(tuple(made))

    def _sound(self, source: Source, base: list[_Candidate], more: list[_Candidate]) -> list[_Candidate]:
        """``base`` and as many of ``more`` as leave a file that can be parsed; the others are refused."""
        fault = self._fault(source, base + more)
        if fault is None:
            return base + more
        if len(more) == 1:
            self._refused[more[0].key] = fault
            return base
        half = len(more) // 2
        return self._sound(source, self._sound(source, base, more[:half]), more[half:])

    def _fault(self, source: Source, candidates: list[_Candidate]) -> str | None:
        try:
            parse(self._draft.after([one.fix for one in candidates]).text, source.name)
        except ValueError:
            return "its edits overlap"
        except DockerfileError as error:
            return f"the file cannot be parsed with it: {error.message.splitlines()[0]}"
        return None


class _Taken:
    """What the fixes of a round write."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._files: set[str] = set()

    def take(self, wanted: Fix) -> bool:
        """Whether a fix may be made beside the others; it is then one of them."""
        spans = [edit.span for edit in wanted.edits]
        if not self._files.isdisjoint(wanted.files) or any(self._touches(span) for span in spans):
            return False
        for span in spans:
            insort(self._spans, span)
        self._files |= set(wanted.files)
        return True

    def _touches(self, span: Span) -> bool:
        at = bisect_right(self._spans, span.end, key=lambda other: other.start)
        return at > 0 and self._spans[at - 1].end >= span.start


def _is_idle(draft: Draft, wanted: Fix) -> bool:
    edits = all(draft.text[e.span.start : e.span.end] == e.replacement for e in wanted.edits)
    return edits and all(draft.files.get(name) == text for name, text in wanted.files.items())


def _key(source: Source, finding: Finding, wanted: Fix, place: int) -> str:
    """Names a fix by its rule, the place in the original, and what it does there; the same in every round and run."""
    parts = [part for e in wanted.edits for part in (source.text[e.span.start : e.span.end], e.replacement)]
    parts += [part for pair in sorted(wanted.files.items()) for part in pair]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{finding.rule.code}:{place}:{digest[:16]}"
