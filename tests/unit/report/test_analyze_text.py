"""The summary of a ledger: every table sums to the ledger, and fits the terminal."""

from __future__ import annotations

import re

import pytest

from lissom.analysis.ledger.share import Fate, Share, Step, WasteKind
from lissom.analysis.secrets import Secret
from lissom.report.analyze_text import Screen, analyze_text, shown_rows
from lissom.report.heaviest import heaviest
from lissom.report.instruction_text import instruction_text
from lissom.report.ledger_sums import rows_of
from lissom.report.paint import coloured
from lissom.report.waste_action import rules_of
from lissom.report.waste_rows import waste_rows
from made_ledgers import MB, ledger


def test_rows_sum_to_the_ledger() -> None:
    told = ledger()
    rows = rows_of(told)
    assert sum(row.size for row in rows) == told.size
    assert sum(row.live for row in rows) == told.live
    assert sum(row.compressed for row in rows) == told.compressed
    assert sum(row.size - row.live for row in rows) == sum(sum(row.hidden.values()) for row in rows)
    assert sum(sum(row.waste.values()) for row in rows) == sum(told.wasted().values())


@pytest.mark.parametrize("top", [1, 2, 10])
def test_folding_rows_loses_nothing(top) -> None:
    told = ledger()
    rows = shown_rows(told, top=top, verbose=False)
    assert len(rows) <= top + 2
    assert sum(row.size for row in rows) == told.size
    assert sum(row.live for row in rows) == told.live
    assert sorted(layer for row in rows for layer in row.layers) == [0, 1, 2, 3, 4]


def test_base_layers_are_one_row_unless_all_are_asked_for() -> None:
    told = ledger()
    assert shown_rows(told, top=10, verbose=False)[0].text == "base image, 2 layers"
    assert [row.text for row in shown_rows(told, top=10, verbose=True)[:2]] == [
        "ADD file:1f2e in /",
        "RUN apt-get update",
    ]


def test_wastes_sum_to_the_ledger() -> None:
    told = ledger()
    assert sum(row.waste.size for row in waste_rows(told)) == sum(told.wasted().values())


def test_directories_sum_to_what_is_live() -> None:
    told = ledger()
    held = heaviest((share.path, share.size) for share in told.shares if share.fate is Fate.LIVE)
    assert sum(one.size for one in held) == told.live
    assert [(one.path, one.size) for one in held[:2]] == [("usr/bin", 70 * MB), ("app", 54 * MB + 63)]


def test_files_beside_directories_are_counted_once() -> None:
    held = heaviest([("a", 1), ("d/b", 20), ("d/e/c", 100), ("d/e/f/g", 100)])
    assert [(one.path, one.size, one.count, one.alone) for one in held] == [
        ("d/e", 100, 1, True), ("d/e/f", 100, 1, False), ("d", 20, 1, True), ("", 1, 1, True)
    ]  # fmt: skip


def test_very_deep_directories_are_summed_once() -> None:
    deep = [("/".join(["d"] * depth + ["f"]), 1) for depth in range(1500)]
    held = heaviest(deep)
    assert sum(one.size for one in held) == 1500
    assert sum(one.count for one in held) == 1500


def test_the_screen() -> None:
    text = analyze_text(ledger(), Screen(width=100))
    assert "  size         203MB   in 5 layers, 67.7MB compressed\n" in text
    assert "  alive        157MB   46MB hidden by later layers\n" in text
    assert "  waste        135MB   53MB hidden or stored twice, 32MB caches and docs, 50MB to be tried\n" in text
    assert re.search(r"  54MB    14MB  ██░+ +8     COPY \. /app  40MB hidden by line 9\n", text)
    assert re.search(r"  30MB  apt lists +3-6 +clean in the same RUN", text)
    assert re.search(r"  40MB  mode or owner changed later +8 → 9 +COPY --chown, --chmod \(rewritten\)\n", text)
    assert re.search(r"   1MB  overwritten later +base → 3-6 +the base image keeps it\n", text)
    assert re.search(r"   50MB  deb gcc  ", text)
    assert re.search(r"   70MB  /usr/bin\n", text)
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(width, verbose) -> None:
    steps = (Step(0, "RUN " + "x" * 500, 0, (1, 100), "Dockerfile"), Step(1, "COPY " + "y" * 500, 1, (101, 101)))
    shares = (
        Share("a/" + "b" * 300, 7 * MB, 0, Fate.DELETED, 1, waste=WasteKind.DELETED, detail="z" * 90),
        Share("c" * 300, 5 * MB, 1, package="deb " + "p" * 300, waste=WasteKind.DOCS),
    )
    for told in (ledger(), ledger(shares, steps, name="n" * 400)):
        text = analyze_text(told, Screen(width=width, verbose=verbose))
        assert max(map(len, text.splitlines())) <= width


def test_colours_change_no_character() -> None:
    painted = analyze_text(ledger(), Screen(paint=coloured))
    assert "\x1b[32m" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == analyze_text(ledger(), Screen())


def test_what_strangers_wrote_cannot_steer_the_terminal() -> None:
    evil = "\x1b]0;x\x07\u009b2J"
    shares = (Share(f"d{evil}/f{evil}", 9, 0, package=f"deb {evil}", waste=WasteKind.JUNK, detail=evil),)
    text = analyze_text(ledger(shares, (Step(0, f"RUN {evil}", 0),), name=evil), Screen(verbose=True))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert analyze_text(ledger(), Screen(width=70, ascii=True)).isascii()


def test_an_image_without_layers() -> None:
    text = analyze_text(ledger((), ()), Screen())
    assert "nothing is hidden by a later layer" in text
    assert "no waste was found" in text


@pytest.mark.parametrize(
    ("created_by", "text"),
    [
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
        ("RUN |1 V=1 /bin/sh -c make # buildkit", "RUN make"),
        ("|2 A=/x B=2 /bin/sh -c make", "RUN make"),
        ("RUN |2 A=1 B=2 make all # buildkit", "RUN make all"),
        ("|99999999999999999999 make", "make"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("", "(no history)"),
        ("RUN a \\\n    b", "RUN a \\ b"),
    ],
    ids=["nop", "legacy run", "run", "arguments", "legacy arguments", "no shell", "too many", "copy", "none", "lines"],
)  # fmt: skip
def test_history_reads_as_instructions(created_by, text) -> None:
    assert instruction_text(created_by) == text


def test_rules_that_are_named_are_there() -> None:
    from lissom.lint.rules.all import RULES

    codes = {rule.code for rule in RULES}
    details = ["apt lists", "apt archives", "Homebrew cache", "pip cache", "Go build cache", "Cabal and Stack packages"]
    steps = (Step(0, "RUN x", 0),)
    shares = [Share(f"a{kind.name}", 1, 0, waste=kind) for kind in WasteKind]
    shares += [Share(detail, 1, 0, waste=WasteKind.LANGUAGE_CACHE, detail=detail) for detail in details]
    told = ledger(tuple(shares), steps)
    named = {rule for waste in told.wastes for rule in rules_of(told, waste)}
    assert len(named) >= 14
    assert named <= codes


def test_secrets_are_told_with_their_places() -> None:
    found = (Secret("app/.env", "environment file", 4, hidden=True), Secret("config: variable TOKEN", "password"))
    text = analyze_text(ledger(secrets=found), Screen())
    assert "  secrets          2   /app/.env of line 8 (hidden), config: variable TOKEN\n" in text
