"""Sizes, times and tables in docker's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lissom.report.terminal import ago, size, table

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("count", "text"), [
    (0, "0B"), (999, "999B"), (1000, "1kB"), (1234, "1.23kB"), (7_800_000, "7.8MB"), (121_400_000, "121MB"),
    (999_400, "999kB"), (999_999, "1MB"), (1_499_999_999, "1.5GB"), (10**15, "1PB"),
])  # fmt: skip
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("created", "text"), [
    ("2026-06-01T12:00:00Z", "Less than a second ago"), ("2026-06-01T11:59:30.123456789Z", "29 seconds ago"),
    ("2026-06-01T11:59:00Z", "About a minute ago"), ("2026-06-01T11:30:00Z", "30 minutes ago"),
    ("2026-06-01T11:00:00Z", "About an hour ago"), ("2026-06-01T02:00:00+02:00", "12 hours ago"),
    ("2026-05-30T00:00:00Z", "2 days ago"), ("2026-05-10T00:00:00Z", "3 weeks ago"),
    ("2026-01-01T00:00:00Z", "5 months ago"), ("2020-01-01T00:00:00Z", "6 years ago"), ("", "N/A"),
    ("0001-01-01T00:00:00Z", "N/A"), ("soon", "N/A"),
])  # fmt: skip
def test_ago(created: str, text: str) -> None:
    assert ago(created, NOW) == text


def test_a_table_is_as_wide_as_its_cells() -> None:
    assert table(["A", "LONG"], [["wide", "x"], ["", "y"]]) == "A      LONG\nwide   x\n       y"
