"""Prove fixes: build before and after, compare files and config, put the probes to both, keep what holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from lissom.api.fix_equal import Allowance, Comparison, Noise, held_against
from lissom.api.fix_probing import Probing
from lissom.api.fix_search import search
from lissom.api.fix_trial import TrialError, Trials
from lissom.dockerfile.source import Source
from lissom.errors import VerifyError
from lissom.image.image import Image
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixed import Draft, Fixed, Left, Made
from lissom.lint.fixing import Find, fix
from lissom.lint.proof import Proof, Proven
from lissom.lint.rule import Finding
from lissom.rootfs.tree import Tree
from lissom.verify.compare import Outcome, Verdict
from lissom.verify.observation import Exercise

__all__ = ["prove"]

_CYCLES = 3
_SHOWN = 3


def prove(
    source: Source,
    find: Find,
    trials: Trials,
    *,
    exercise: Callable[[Image, str], Exercise] | None,
    unsafe: bool,
) -> tuple[Proof, tuple[Callable[[], Draft], ...]]:
    """Keep the fixes that hold; also what gives the drafts with none of them, with one, and so on.

    With ``exercise`` also those are tried of which only probes can tell; ``unsafe`` keeps them without. Raises what the
    build of the original raises; VerifyError when the probes fail on the original, or on what was found equal to it.
    """
    prover = _Prover(source, find, trials, exercise, unsafe)
    return prover.prove(), tuple(prover.drafts)


class _Prover:
    def __init__(
        self,
        source: Source,
        find: Find,
        trials: Trials,
        exercise: Callable[[Image, str], Exercise] | None,
        unsafe: bool,
    ) -> None:
        self._source = source
        self._find = find
        self._trials = trials
        self._unsafe = unsafe
        self._image = trials.original(Draft(source.text))
        self._probing = Probing(exercise, self._image) if exercise else None
        self._verdicts: dict[str, Verdict] = {}
        self._noises: dict[str, Noise] = {}
        self._passes: list[Fixed] = []
        self._kept: list[Proven] = []
        self._dropped: list[Left] = []
        self._gone: set[str] = set()
        self._noisy: set[str] = set()
        self.drafts: list[Callable[[], Draft]] = [lambda: Draft(source.text)]

    def prove(self) -> Proof:
        original = Draft(self._source.text)
        draft = original
        for _ in range(_CYCLES):
            draft = self._compared(draft)
            done = self._probed(draft)
            if done == draft:
                break
            draft = done
        image = self._trials.image(draft, "fixed")
        verdict = self._verdict(image)
        if verdict is not None and not verdict.passed:
            raise VerifyError(f"cannot vouch for the fixed `{self._source.name}`: {_words(verdict)}")
        last = self._passes[-1]
        return Proof(
            original,
            draft,
            tuple(self._kept),
            tuple(self._dropped),
            tuple(self._rest(last)),
            last.found,
            self._trials.weight(self._image),
            self._trials.weight(image),
            tuple(sorted(self._gone)),
            tuple(sorted(self._noisy)) if self._noises else None,
            verdict,
        )

    def _compared(self, start: Draft) -> Draft:
        """Fixes that hold by E0, E1 or E2: files and config of both are compared."""
        image = self._trials.image(start, "before")
        before = image, self._trials.tree(image)
        seen: dict[int, Comparison] = {}

        def check(fixed: Fixed, count: int) -> str | None:
            try:
                after = self._trials.image(fixed.prefix(count), _with(count, fixed))
            except TrialError as error:
                return str(error)
            fixes = [one.fix for one in fixed.made[:count]]
            seen[count] = self._comparison(start, before, after, fixes)
            return None if seen[count].equal else seen[count].reason

        made = self._pass(start, lambda equivalence: equivalence is not Equivalence.E3, check)
        last = seen.get(len(made.made))
        if last is not None:
            self._gone |= {change.path for change in last.gone}
            self._noisy |= {change.path for change in last.noise}
        self._keep(made, lambda one: _level(one.fix, last))
        return made.draft

    def _probed(self, start: Draft) -> Draft:
        """Fixes that hold by E3: the app's probes see the same."""
        if self._probing is None and not self._unsafe:
            return start

        def check(fixed: Fixed, count: int) -> str | None:
            try:
                verdict = self._verdict(self._trials.image(fixed.prefix(count), _with(count, fixed)))
            except TrialError as error:
                return str(error)
            return None if verdict is None or verdict.passed else _words(verdict)

        made = self._pass(start, lambda equivalence: equivalence is Equivalence.E3, check)
        self._keep(made, lambda _one: None if self._probing is None else Equivalence.E3)
        return made.draft

    def _pass(
        self, start: Draft, fits: Callable[[Equivalence], bool], check: Callable[[Fixed, int], str | None]
    ) -> Fixed:
        source = Source(self._source.name, start.text)
        dropped = {(one.finding.rule.code, one.line) for one in self._dropped}

        def wanted(finding: Finding, place: int) -> bool:
            known = (finding.rule.code, self._line(place)) in dropped
            return finding.fix is not None and fits(finding.fix.equivalence) and not known

        def make(barred: Mapping[str, str]) -> Fixed:
            return fix(source, self._find, allowed=tuple(Safety), barred=barred, files=start.files, wanted=wanted)

        found = search(make, check)
        self._dropped += [replace(one, line=self._line_of(source, one.line)) for one in found.dropped]
        self._passes.append(found.fixed)
        return found.fixed

    def _keep(self, done: Fixed, level: Callable[[Made], Equivalence | None]) -> None:
        earlier = self._passes[:-1]
        for number, made in enumerate(done.made, 1):
            line = self._line_of(done.original, made.line, earlier)
            self._kept.append(Proven(made, line, level(made)))
            self.drafts.append(partial(done.prefix, number))

    def _comparison(self, start: Draft, before: tuple[Image, Tree], after: Image, fixes: Sequence[Fix]) -> Comparison:
        sides = [(image.config.config, tree) for image, tree in (before, (after, self._trials.tree(after)))]
        return held_against(sides[0], sides[1], Allowance.of(fixes), lambda: self._noise(start, before[1]))

    def _noise(self, start: Draft, tree: Tree) -> Noise:
        if start.text not in self._noises:
            again = self._trials.image(start, "once more, to learn what differs by itself", fresh=True)
            self._noises[start.text] = Noise.between(tree, self._trials.tree(again))
        return self._noises[start.text]

    def _verdict(self, image: Image) -> Verdict | None:
        if self._probing is None:
            return None
        digest = str(image.digest)
        if digest not in self._verdicts:
            self._verdicts[digest] = self._probing.verdict(image)
        return self._verdicts[digest]

    def _rest(self, last: Fixed) -> Iterator[Left]:
        """What could be mended still, but for what was told as dropped."""
        dropped = {(one.finding.rule.code, one.line) for one in self._dropped}
        for one in last.left:
            line = self._line_of(last.original, one.line, self._passes[:-1])
            if (one.finding.rule.code, line) not in dropped:
                yield replace(one, line=line)

    def _line_of(self, source: Source, line: int, passes: Sequence[Fixed] | None = None) -> int:
        """The line of the original that a line of a later text was."""
        return self._line(source.line(line).start, passes)

    def _line(self, place: int, passes: Sequence[Fixed] | None = None) -> int:
        for done in reversed(self._passes if passes is None else passes):
            place = done.origin(place)
        return self._source.line_col(min(place, len(self._source.text)))[0]


def _level(fix: Fix, seen: Comparison | None) -> Equivalence:
    """By what a fix holds: what differs by itself cannot be told from what one of several fixes did."""
    if seen is None or seen.noise:
        return Equivalence.E2
    return Equivalence.E1 if fix.paths and seen.gone else Equivalence.E0


def _with(count: int, fixed: Fixed) -> str:
    total = len(fixed.made)
    return f"with {count} edit{'' if count == 1 else 's'}" + ("" if count == total else f" of {total}")


def _words(verdict: Verdict) -> str:
    """Which probes fail, or decide nothing."""
    rows = verdict.of(Outcome.FAILED) or verdict.of(Outcome.INCONCLUSIVE)
    verb = "fails" if verdict.outcome is Outcome.FAILED else "decides nothing"
    lines = [f"probe `{row.name}` {verb}: {row.words}" for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"and {len(rows) - _SHOWN} probes more")
    return "\n".join(lines) or "there is no probe that decides"
