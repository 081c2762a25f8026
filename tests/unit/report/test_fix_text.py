"""Fixes as text and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from lissom.dockerfile.source import Edit, Source, Span
from lissom.dockerfile.syntax import Dockerfile
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixed import Draft, Fixed
from lissom.lint.fixing import fix
from lissom.lint.proof import Proof, Proven, Saving, Weight
from lissom.lint.rule import Category, Finding, Rule, Severity
from lissom.report.fix_json import fixed_json, proof_json
from lissom.report.fix_text import coloured, difference, fixed_text, proof_text
from lissom.verify.compare import Outcome, Row, Verdict

TEXT = "FROM a\nRUN one\nRUN two\nRUN three\n"
LEVELS = {"one": Equivalence.E0, "two": Equivalence.E1, "three": Equivalence.E3}


def find(dockerfile: Dockerfile, _beside: Mapping[str, str]) -> Iterator[Finding]:
    for match in re.finditer("one|two|three", dockerfile.source.text):
        word = match[0]
        safety = Safety.UNSAFE if word == "three" else Safety.SAFE
        edit = Edit(Span(*match.span()), word[0])
        mend = Fix(f"shorten {word}", (edit,), safety, LEVELS[word], f"{word} is\x1b[31m long")
        rule = Rule(f"long-{word}", "", Category.SIZE, Severity.INFO, lambda _subject: (), "")
        yield Finding(rule, edit.span, f"{word} is long", Severity.INFO, mend)


@pytest.fixture
def fixed() -> Fixed:
    return fix(Source("Dockerfile", TEXT), find)


@pytest.fixture
def proof() -> Proof:
    done = fix(Source("Dockerfile", TEXT), find, allowed=tuple(Safety))
    kept = tuple(Proven(made, made.line, LEVELS[made.finding.rule.code.removeprefix("long-")]) for made in done.made)
    verdict = Verdict(Outcome.PASSED, (Row("GET /", Outcome.PASSED, "200", "200"),))
    weights = Weight("sha256:1", 2_000_000, 900), Weight("sha256:2", 500_000, 300)
    savings = (Saving(1, 2, 1_500_000), Saving(3, 3, -10))
    return Proof(
        Draft(TEXT),
        done.draft,
        kept,
        (),
        done.left,
        (),
        *weights,
        ("var/x", "var/y"),
        ("log",),
        verdict,
        savings,
        7,
        61.4,
    )


def test_what_was_made_is_told_with_its_reason_and_what_was_left_with_the_way_to_it(fixed):
    assert fixed_text(fixed).splitlines() == [
        "line 2    long-one: shorten one",
        r"          E0, safe: one is\x1b[31m long",
        "line 3    long-two: shorten two",
        r"          E1, safe: two is\x1b[31m long",
        "2 edits for equal images",
        "",
        "more could be mended:",
        "line 4    long-three: shorten three",
        "          only the app's probes can tell: --verify with probes, or --unsafe",
    ]


def test_edits_without_a_proof_are_counted():
    done = fix(Source("Dockerfile", TEXT), find, allowed=tuple(Safety))
    assert "3 edits, 1 of them without a proof that the image stays the same" in fixed_text(done)


def test_nothing_to_mend_is_said():
    done = fix(Source("Dockerfile", "FROM a\n"), find)
    assert fixed_text(done) == "0 edits: nothing to mend safely"


def test_a_proof_is_a_table_and_what_holds(proof):
    lines = proof_text(proof).splitlines()
    assert lines[:4] == [
        "line  edit                          saved  proof",
        "2     long-one: shorten one      together  E0",
        "3     long-two: shorten two         1.5MB  E1",
        "4     long-three: shorten three      -10B  E3",
    ]
    assert lines[5] == "2MB before, 500kB after (-75.0%); stored 900B, then 300B"
    rest = " ".join(lines[6:])
    assert "E1: but for 2 paths that were meant to go, such as /var/x" in rest
    assert "E2: but for /log, which two builds of the original do not have in common either" in rest
    assert "E3: 1 probe sees the same on both images" in rest
    assert lines[-1] == "7 builds, 61 s"


def test_what_is_not_proven_is_said(proof):
    shown = proof_text(replace(proof, kept=tuple(replace(one, level=None) for one in proof.kept), verdict=None))
    assert "none: it changes what the image does or holds, and no probe was given" in shown
    assert "E0:" not in shown


def test_json_tells_alone_what_was_measured_alone(proof, fixed):
    document = json.loads(json.dumps(proof_json("Dockerfile", proof)))
    assert [one["saves"] for one in document["applied"]] == [None, None, -10]
    assert [one["proved"] for one in document["applied"]] == ["E0", "E1", "E3"]
    assert document["saved_together"] == [{"edits": [1, 2], "size": 1_500_000}]
    assert document["probes"]["outcome"] == "passed"
    assert document["before"] == {"digest": "sha256:1", "size": 2_000_000, "compressed": 900}
    plain = json.loads(json.dumps(fixed_json("Dockerfile", fixed)))
    assert [(one["line"], one["before"], one["after"]) for one in plain["applied"]] == [
        (2, ["RUN one"], ["RUN o"]),
        (3, ["RUN two"], ["RUN t"]),
    ]
    assert [one["reason"] for one in plain["left"]] == [fixed.left[0].reason]


def test_a_difference_names_new_files_and_missing_line_ends():
    shown = difference({"a/Dockerfile": ("FROM a", "FROM b"), "a/.dockerignore": (None, ".git\n"), "same": ("x", "x")})
    assert shown == (
        "--- a/Dockerfile\n+++ a/Dockerfile\n@@ -1 +1 @@\n-FROM a\n\\ No newline at end of file\n+FROM b\n"
        "\\ No newline at end of file\n--- /dev/null\n+++ a/.dockerignore\n@@ -0,0 +1 @@\n+.git\n"
    )


def test_colours_do_not_let_a_file_steer_the_terminal():
    assert coloured("+RUN \x1b[2J\n context\n") == "\x1b[32m+RUN \\x1b[2J\x1b[0m\n context\n"
