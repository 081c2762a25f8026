"""What a slim did, for a terminal."""

from __future__ import annotations

from lissom.analysis.surface import Secret, Surface
from lissom.report.slim_text import summary, verdict_json, verdict_text
from lissom.slim.account import Account, Kept, ProbeRow, Removed, Repair, Side
from lissom.verify.compare import Outcome, Row, Verdict

PASSED = ProbeRow("GET /", "200", "200", "passed")


def an_account(**fields) -> Account:
    return Account(
        **{
            "before": Side("app:1", "sha256:" + "0" * 64, 1_000_000, 400_000, 1234, 3),
            "after": Side("app:1-slim", "sha256:" + "1" * 64, 50_000, 30_000, 12, 1),
            "level": "file",
            "kept": (Kept("usr/bin/a", "executed", "", 40_000, 40_000), Kept("b", "elf-needs", "usr/bin/a", 9, 9)),
            "removed": (Removed("c", 900_000, "deb vim"), Removed("d", 5)),
            "rules": {"executed": "It was executed while the probes ran."},
            "probes": (PASSED, PASSED),
            **fields,
        }
    )


def test_the_summary_of_a_slim() -> None:
    account = an_account(
        repairs=(Repair("b", 1, "GET /"),),
        surface_before=Surface(shells=("usr/bin/dash",), secrets=(Secret("k", "key"),), packages={"deb": 90}),
        surface_after=Surface(user="app", root=False, packages={"deb": 3}),
        modules=("java.base", "java.sql"),
        warnings=("no\x1b HEALTHCHECK",),
        timing={"a": 1.0, "b": 2.5},
    )
    assert summary(account) == (
        "             app:1   app:1-slim   CHANGE\n"
        "size         1MB     50kB         -95.0%\n"
        "compressed   400kB   30kB         -92.5%\n"
        "files        1,234   12           -99.0%\n"
        "\n"
        "proof passes: 2 of 2 probes see what they saw before; 1 file came back in 1 repair (3.5s in all)\n"
        "\n"
        "WHY IT STAYS   FILES   SIZE\n"
        "executed       1       40kB   It was executed while the probes ran.\n"
        "elf-needs      1       9B\n"
        "\n"
        "WHAT WENT    FILES   SIZE\n"
        "deb vim      1       900kB\n"
        "no package   1       5B      40kB stay\n"
        "\n"
        "SURFACE                     GONE\n"
        "user       root → app\n"
        "packages   90 deb → 3 deb\n"
        "shells     1 → 0            dash\n"
        "secrets    1 → 0\n"
        "\n"
        "java runtime of 2 modules: java.base, java.sql\n"
        "warning: no\\x1b HEALTHCHECK"
    )


def test_a_proof_that_fails_shows_what_failed() -> None:
    text = summary(an_account(probes=(PASSED, ProbeRow("GET /x", "200", "500: it was 200", "failed"))))
    assert (
        "proof FAILS: 1 of 2 probes see what they saw before\n"
        "  failed: GET /x\n    before: 200\n    after:  500: it was 200\n" in text
    )


def test_nothing_to_do_is_told() -> None:
    text = summary(an_account(removed=(), probes=()))
    assert "proof: there was no probe" in text
    assert text.endswith("nothing went: the image was minimal already")


def test_it_fits_a_hundred_columns() -> None:
    long = "x" * 300
    account = an_account(
        before=Side(long, "", 1, 1, 1, 1),
        after=Side(long, "", 1, 1, 1, 1),
        kept=tuple(Kept(f"{n}", f"{long}{n}", "", 999_500_000, 1, long) for n in range(30)),
        removed=tuple(Removed(f"r{n}", 999_500_000, f"deb {long}{n}") for n in range(30)),
        rules={f"{long}{n}": long for n in range(30)},
        probes=(ProbeRow(long, long, long, "inconclusive"),),
        surface_before=Surface(user=long, shells=tuple(f"{n}{long}" for n in range(20))),
        surface_after=Surface(),
    )
    assert max(map(len, summary(account).splitlines())) <= 100


def test_a_verdict() -> None:
    rows = (
        Row("GET /", Outcome.PASSED, "200", "200"),
        Row("GET /time", Outcome.FAILED, "200", "500", "status 500 instead of 200"),
    )
    verdict = Verdict(Outcome.FAILED, rows)
    assert verdict_text(verdict) == (
        "RESULT   PROBE       BEFORE   AFTER\n"
        "passed   GET /       200      200\n"
        "failed   GET /time   200      500\n"
        "\n"
        "  GET /time: status 500 instead of 200\n"
        "the second image does not do what the first does: 1 passed, 1 failed"
    )
    assert verdict_json(verdict)["probes"][1]["words"] == "status 500 instead of 200"
    assert verdict_text(Verdict(Outcome.INCONCLUSIVE, ())) == "the probes decide nothing: there is no probe"
