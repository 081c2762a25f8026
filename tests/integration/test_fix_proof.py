"""The proof itself: what holds is kept, what does not is found and told, nothing is believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lissom.api.build import build
from lissom.api.build_request import BuildRequest
from lissom.api.fix_proof import prove
from lissom.api.fix_trial import Trials
from lissom.api.world import World
from lissom.build.lines import find_lines
from lissom.dockerfile.source import Edit, Source, Span
from lissom.dockerfile.syntax import Dockerfile
from lissom.errors import LissomError, StepError, VerifyError
from lissom.events import silent
from lissom.image.image import Image
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.proof import Proof
from lissom.lint.rule import Category, Finding, Rule, Severity
from lissom.verify.observation import Exercise, Observation
from local_world import local_world

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

Exercising = Callable[[Image, str], Exercise]


@dataclass(frozen=True)
class Mend:
    """A rule of a test: a pattern, and what is to stand in its place."""

    pattern: str
    replacement: str
    equivalence: Equivalence = Equivalence.E0
    paths: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def find(self, dockerfile: Dockerfile, beside: Mapping[str, str]) -> Iterator[Finding]:
        safety = Safety.UNSAFE if self.equivalence is Equivalence.E3 else Safety.PROVABLE
        rule = Rule(self.pattern, "", Category.SIZE, Severity.INFO, lambda _subject: (), "")
        for match in re.finditer(self.pattern, dockerfile.source.text):
            if any(beside.get(name) == text for name, text in self.files):
                continue
            span = Span(*match.span())
            edits = () if self.files else (Edit(span, match.expand(self.replacement)),)
            mend = Fix("", edits, safety, self.equivalence, "", dict(self.files), self.config, self.paths)
            yield Finding(rule, span, "", Severity.INFO, mend)


@pytest.fixture(scope="module")
def world(store: Path) -> Iterator[World]:
    with local_world(store) as opened:
        yield opened


@pytest.fixture
def proving(world: World, tmp_path: Path):
    context, scratch = tmp_path / "context", tmp_path / "scratch"
    context.mkdir()
    scratch.mkdir()

    def proved(
        text: str, *mends: Mend, exercise: Exercising | None = None, unsafe: bool = False, **files: str
    ) -> Proof:
        for name, data in files.items():
            (context / name).write_text(data)
        request = BuildRequest(str(context), network="none")
        trials = Trials(request, "deploy/Dockerfile", world, silent, scratch)

        def find(dockerfile: Dockerfile, beside: Mapping[str, str]) -> list[Finding]:
            return [one for mend in mends for one in mend.find(dockerfile, beside)]

        proof, drafts = prove(Source("deploy/Dockerfile", text), find, trials, exercise=exercise, unsafe=unsafe)
        assert [draft().text for draft in (drafts[0], drafts[-1])] == [text, proof.draft.text]
        return replace(proof, builds=trials.builds)

    return proved


def kept(proof: Proof) -> list[tuple[int, str | None]]:
    return [(one.line, one.level.name if one.level else None) for one in proof.kept]


JOIN = Mend(r"(?m)^(RUN .*)\nRUN ", r"\1 && ")


def test_what_leaves_the_same_files_is_kept_as_e0_by_two_builds(proving):
    proof = proving("FROM busy:1\nRUN echo a > /a\nRUN echo b > /b\n", JOIN)
    assert proof.draft.text == "FROM busy:1\nRUN echo a > /a && echo b > /b\n"
    assert (kept(proof), proof.dropped, proof.noise, proof.builds) == ([(2, "E0")], (), None, 2)


def test_an_image_that_was_built_before_keeps_its_files_name(proving, world, tmp_path):
    text = "FROM busy:1\nRUN echo kept > /kept\nRUN echo too > /too\n"
    proving(text, JOIN)
    (tmp_path / "Dockerfile").write_text(text)
    request = BuildRequest(str(tmp_path / "context"), dockerfile=str(tmp_path / "Dockerfile"), network="none")
    built = build(request, world, silent).descriptor
    assert find_lines(world.store, built.digest).file == str(tmp_path / "Dockerfile")
    proving(text, JOIN)
    assert find_lines(world.store, built.digest).file == str(tmp_path / "Dockerfile")


def test_runs_across_a_hard_link_are_not_joined(proving):
    """Each layer copies the file that it writes: what was one file before is two then, and one again when joined."""
    text = "FROM busy:1\nRUN echo a > /a && ln /a /b\nRUN echo b >> /a\n"
    proof = proving(text, JOIN)
    assert proof.draft.text == text
    assert [one.line for one in proof.dropped] == [2]
    assert "/b differs in" in proof.dropped[0].reason


def test_the_one_of_many_that_does_not_hold_is_found(proving):
    mends = [Mend(f"echo {word}", f"printf '{word}\\\\n'") for word in ("a", "b", "d")] + [Mend("echo c", "echo C")]
    proof = proving("FROM busy:1\nRUN echo a > /a\nRUN echo b > /b\nRUN echo c > /c\nRUN echo d > /d\n", *mends)
    assert proof.draft.text.count("printf") == 3
    assert kept(proof) == [(2, "E0"), (3, "E0"), (5, "E0")]
    assert [(one.line, one.reason) for one in proof.dropped] == [(4, "/c differs in content")]


def test_an_edit_that_breaks_the_build_is_told_with_what_was_said(proving):
    proof = proving("FROM busy:1\nRUN echo a > /a\n", Mend("(?<=RUN )echo a > /a", "echo why >\\\\&2; false"))
    assert proof.draft.text == "FROM busy:1\nRUN echo a > /a\n"
    reason = proof.dropped[0].reason
    assert "cannot build" in reason
    assert "why" in reason
    assert "deploy/Dockerfile:2" in reason
    assert "scratch" not in reason


def test_removals_hold_where_they_are_meant(proving):
    text = "FROM busy:1\nRUN mkdir -p /cache/x /made && echo 1 > /cache/x/1 && echo 2 > /made/2\n"
    proof = proving(text, Mend(r"(?<=echo 2 > /made/2)\n", " && rm -rf /cache/*\n", Equivalence.E1, ("cache/**",)))
    assert kept(proof) == [(2, "E1")]
    assert proof.gone == ("cache/x", "cache/x/1")
    assert proof.after.size == proof.before.size - 2
    proof = proving(
        text, Mend(r"(?<=echo 2 > /made/2)\n", " && rm -rf /cache/* /made\n", Equivalence.E1, ("cache/**",))
    )
    assert [one.reason for one in proof.dropped] == ["/made is gone\n/made/2 is gone"]


def test_what_differs_by_itself_is_learned_once_and_only_when_needed(proving):
    text = "FROM busy:1\nRUN cat /proc/sys/kernel/random/uuid > /id; echo a > /a\nRUN echo b > /b\n"
    proof = proving(text, JOIN)
    assert proof.draft.text.count("RUN") == 1
    assert (kept(proof), proof.noise, proof.builds) == ([(2, "E2")], ("id",), 3)


def test_noise_hides_nothing_else(proving):
    text = "FROM busy:1\nRUN cat /proc/sys/kernel/random/uuid > /id\nRUN echo b > /b\n"
    proof = proving(text, Mend("echo b", "echo c"))
    assert [one.reason for one in proof.dropped] == ["/b differs in content"]


def test_the_config_may_differ_only_in_what_a_fix_names(proving):
    text = "FROM busy:1\nUSER app\nCMD echo hi\n"
    proof = proving(text, Mend("CMD echo hi", 'CMD ["echo", "hi"]', config=("Cmd",)), Mend("USER app", "USER daemon"))
    assert proof.draft.text == 'FROM busy:1\nUSER app\nCMD ["echo", "hi"]\n'
    assert [one.reason for one in proof.dropped] == ["User of the config differs"]


def test_an_ignore_file_is_part_of_the_proof(proving):
    ignore = (".dockerignore", "secret\n")
    one = Mend("COPY", "", Equivalence.E1, ("src/secret",), files=(ignore,))
    proof = proving("FROM busy:1\nCOPY . /src\n", one, secret="1", kept="2")
    assert proof.draft.files == dict([ignore])
    assert proof.gone == ("src/secret",)
    proof = proving("FROM busy:1\nCOPY . /src\nRUN cat /src/secret\n", one)
    assert proof.draft.files == {}
    assert "cannot build" in proof.dropped[0].reason


def test_a_file_that_cannot_be_built_as_it_is_ends_all(proving):
    with pytest.raises(StepError, match=r"deploy/Dockerfile:2") as error:
        proving("FROM busy:1\nRUN false\n", JOIN)
    assert error.value.exit_code == 3
    assert error.value.hint
    with pytest.raises(LissomError, match="not-there") as error:
        proving("FROM busy:1\nCOPY not-there /b\n", JOIN)
    assert "scratch" not in error.value.message


SMALLER = Mend("echo big > /b", "true", Equivalence.E3)


def answering(*answers: str) -> tuple[Exercising, list[str]]:
    """Probes that get one answer after another."""
    left, labels = list(answers), []

    def exercise(_image: Image, label: str) -> Exercise:
        labels.append(label)
        status = left.pop(0) if left else answers[-1]
        failure = "it fails" if status == "fails" else None
        seen = Observation("GET /", "http", status=int(status) if failure is None else None, failure=failure)
        return Exercise((seen,), 0.1, 0.1, frozenset(), "")

    return exercise, labels


TEXT = "FROM busy:1\nRUN echo a > /a\nRUN echo big > /b\n"


def test_without_probes_what_only_they_can_tell_is_left(proving):
    proof = proving(TEXT, SMALLER)
    assert proof.draft.text == TEXT
    assert [(one.line, "probes" in one.reason) for one in proof.left] == [(3, True)]


def test_with_probes_that_pass_it_is_kept(proving):
    exercise, labels = answering("200")
    proof = proving(TEXT, SMALLER, exercise=exercise)
    assert kept(proof) == [(3, "E3")]
    assert proof.verdict is not None
    assert proof.verdict.passed
    assert labels == ["original:", "original again:", "fixed:"]


def test_with_probes_that_fail_it_is_dropped_with_the_probe(proving):
    exercise, _ = answering("200", "200", "404", "200")
    proof = proving(TEXT, SMALLER, JOIN, exercise=exercise)
    assert proof.draft.text.count("RUN") == 1
    assert kept(proof) == [(2, "E0")]
    assert "probe `GET /` fails: status 404 instead of 200" in proof.dropped[0].reason


def test_probes_that_fail_on_the_original_prove_nothing(proving):
    exercise, _ = answering("fails")
    with pytest.raises(VerifyError, match="fail on the original already"):
        proving(TEXT, SMALLER, exercise=exercise)


def test_probes_that_answer_by_chance_decide_nothing(proving):
    exercise, _ = answering("200", "404", "200")
    with pytest.raises(VerifyError, match="decides nothing"):
        proving(TEXT, SMALLER, exercise=exercise)


@pytest.mark.parametrize(("status", "passes"), [(0, True), (143, True), (1, False)])
def test_an_app_that_had_to_be_killed_may_end_by_itself(proving, status, passes):
    """As one does whose command is an array now: the shell no longer keeps the signal from it."""
    left = [137, 137, status]

    def exercise(_image: Image, _label: str) -> Exercise:
        seen = Observation("GET /", "http", status=200), Observation("stop default", "stop", status=left.pop(0))
        return Exercise(seen, 0.1, 0.1, frozenset(), "")

    proof = proving(TEXT, SMALLER, exercise=exercise)
    assert [one.level for one in proof.kept] == ([Equivalence.E3] if passes else [])


def test_what_is_kept_without_proof_is_told_so(proving):
    proof = proving(TEXT, SMALLER, JOIN, unsafe=True)
    assert proof.draft.text == "FROM busy:1\nRUN echo a > /a && true\n"
    assert kept(proof) == [(2, "E0"), (2, None)]


def test_after_a_rewrite_by_e3_files_are_compared_with_its_own_image(proving):
    """A stage of its own makes the files of the first image nothing to compare with; a later join still has a proof."""
    split = Mend(
        r"(?s)FROM busy:1\nRUN echo a > /a\nCMD",
        "FROM busy:1 AS build\nRUN echo a > /a\nFROM busy:1\nRUN echo c > /c\nRUN echo d > /d\nCMD",
        Equivalence.E3,
    )
    exercise, _ = answering("200")
    proof = proving("FROM busy:1\nRUN echo a > /a\nCMD true\n", split, JOIN, exercise=exercise)
    assert "RUN echo c > /c && echo d > /d" in proof.draft.text
    assert [one.level for one in proof.kept] == [Equivalence.E3, Equivalence.E0]
