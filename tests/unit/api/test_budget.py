"""Budgets: how they are written, and which ledgers keep them."""

from __future__ import annotations

import pytest

from lissom.api.budget import Budget, exceeded, limit_of
from lissom.api.budget_file import read_budget, read_flags
from lissom.errors import UsageError
from lissom.report.budget_text import budget_text
from lissom.report.paint import plain
from made_ledgers import MB, SHARES, ledger


def over(*flags: str, ignore: tuple[str, ...] = (), baseline=None) -> list[str]:
    return [one.key for one in exceeded(Budget(read_flags(flags), ignore), ledger(), baseline)]


@pytest.mark.parametrize(
    ("at", "above"),
    [
        ("203000126", "203000125"),
        ("live=157000063", "live=157000062"),
        ("hidden=46000063", "hidden=46000062"),
        ("waste=135000126", "waste=135000125"),
        ("waste=66.6%", "waste=66.4%"),
        ("waste.same=53000063", "waste.same=52MB"),
        ("waste.clean=32MB", "waste.clean=31MB"),
        ("above=180000126", "above=180MB"),
        ("above.live=135000063", "above.live=134MB"),
        ("above.waste=132000126", "above.waste=131MB"),
        ("above.docs=0", "docs=0"),
        ("package-lists=30MB", "package-lists=29.9MB"),
        ("caches=30MB", "caches=29MB"),
        ("caches.apt=30MB", "caches.apt=1KiB"),
        ("caches.pip=0", "caches.apt=0"),
        ("secret=63", "secret=0"),
        ("layers=5", "layers=4"),
        ("/usr/bin=70MB", "/usr/bin=69MB"),
        ("/=157000063", "/=157MB"),
        ("efficiency=73%", "efficiency=0.75"),
        ("dive-efficiency=95%", "dive-efficiency=0.96"),
        ("dive-wasted=80MB", "dive-wasted=76MiB"),
        ("dive-user-wasted=45%", "dive-user-wasted=0.4"),
        ("total=199MiB", "total=0.18GiB"),
    ],
)
def test_a_limit_holds_up_to_its_value(at, above) -> None:
    assert over(at) == []
    assert over(above) == [above.partition("=")[0] if "=" in above else "total"]


def test_growth_is_against_another_image() -> None:
    smaller = ledger(SHARES[:-4])
    assert over("growth=54000063", "growth.waste=7000063", baseline=smaller) == []
    assert over("growth=54MB", "growth=30%", "growth.waste=0", baseline=smaller) == ["growth", "growth", "growth.waste"]
    assert over("growth.above.waste=7MB", baseline=smaller) == ["growth.above.waste"]
    assert over("growth=0", "growth.live=0%", baseline=ledger()) == []
    with pytest.raises(UsageError, match="no image to compare with"):
        over("growth=0")


def test_ignored_paths_are_no_waste() -> None:
    assert over("package-lists=0", "caches.apt=0", ignore=("/var/lib/apt/**",)) == []
    assert over("total=0", ignore=("**",)) == ["total"]


@pytest.mark.parametrize(
    ("flag", "cause"),
    [
        ("wste=1MB", "did you mean `waste`"),
        ("waste=much", "`much` is no size"),
        ("waste=-1", "`-1` is no size"),
        ("waste=", "`` is no size"),
        ("layers=10%", "layers are counted"),
        ("caches.=1", "no such limit"),
        ("growth.growth=1", "no such limit"),
        ("growth.growth.total=1", "no such limit"),
        ("above.layers=1", "no such limit"),
        ("above./usr=1", "no such limit"),
        ("growth.efficiency=1", "no such limit"),
        ("big", "`big` is no size"),
    ],
)  # fmt: skip
def test_what_is_no_limit_is_refused(flag, cause) -> None:
    with pytest.raises(UsageError) as refused:
        read_flags([flag])
    assert cause in f"{refused.value.message} {refused.value.hint}"


def test_a_file_of_limits(tmp_path) -> None:
    file = tmp_path / "budget.toml"
    file.write_text(
        'total = "200MB"\nlayers = 4\nefficiency = 0.5\n"/usr" = "1GB"\nignore = ["opt/**"]\n[caches]\napt = 0\n'
    )
    budget = read_budget(file)
    assert budget.ignore == ("opt/**",)
    assert [one.key for one in exceeded(budget, ledger())] == ["total", "layers", "caches.apt"]


def test_dives_file_is_held_against_dives_figures(tmp_path) -> None:
    file = tmp_path / ".dive-ci"
    file.write_text(
        "rules:\n  lowestEfficiency: 0.96\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: disabled\n"
    )
    assert [one.key for one in exceeded(read_budget(file), ledger())] == ["dive-efficiency", "dive-wasted"]


@pytest.mark.parametrize(
    ("name", "text", "cause"),
    [
        ("b.toml", "total = [", "cannot use budget"),
        ("b.toml", "total = true", "neither a text nor a number"),
        ("b.toml", "ignore = 1", "not a list of globs"),
        ("b.toml", "ignore = ['[']", "cannot use budget"),
        ("b.toml", "totl = 1", "no such limit"),
        ("b.yaml", "a: [", "cannot use budget"),
        ("b.yaml", "a: 1", "it has no `rules`"),
        ("b.yaml", "rules: {lowest: 1}", "no rule `lowest`"),
        ("b.yaml", "[" * 5000, "cannot use budget"),
        ("missing.toml", None, "No such file"),
    ],
    ids=["toml", "bool", "ignore", "glob", "key", "yaml", "no rules", "rule", "deep", "missing"],
)  # fmt: skip
def test_a_file_that_is_no_budget_is_refused(tmp_path, name, text, cause) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=cause):
        read_budget(file)


def test_numbers_beyond_bounds_are_no_size() -> None:
    with pytest.raises(UsageError):
        limit_of("total", "9" * 400)


def test_the_table_says_by_how_much() -> None:
    found = exceeded(Budget(read_flags(["200MB", "efficiency=90%", "layers=3"])), ledger())
    assert budget_text(found, plain) == (
        "3 limits are exceeded\n"
        "  LIMIT        IS      MAY BE   BEYOND BY\n"
        "  total        203MB   200MB    3MB\n"
        "  efficiency   73.9%   90.0%    16.1%\n"
        "  layers       5       3        2"
    )
    assert found[0].measured == 203 * MB + 126
