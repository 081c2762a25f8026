"""Rates and times left: of what moves now, smoothed, and silent until they mean something."""

import io
import json
import re

import pytest

from lissom.cli import progress
from lissom.cli.progress import showing
from lissom.cli.totals import Totals, span
from lissom.events import BlobMoved, Planned, Spared

MB = 1_000_000


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def totals(clock):
    return Totals(clock)


def run(totals, clock, seconds, rate, *, start=0, total=100 * MB, before=0):
    for number in range(seconds * 10):
        clock.now += 0.1
        totals.take(BlobMoved("pull", "a", start + int((number + 1) * rate / 10), total, before))


def test_nothing_silly_is_told_at_the_start(totals, clock):
    totals.take(Planned("pull", 2, 100 * MB))
    clock.now += 0.1
    totals.take(BlobMoved("pull", "a", 5 * MB, 100 * MB))
    assert totals.rate() is None
    assert totals.left() is None
    assert str(totals) == "0 of 2 blobs, 5MB of 100MB"


def test_the_time_left_follows_from_the_rate(totals, clock):
    totals.take(Planned("pull", 1, 100 * MB))
    run(totals, clock, 5, 10 * MB)
    assert totals.rate() == pytest.approx(10 * MB, rel=0.05)
    assert totals.left() == pytest.approx(5, rel=0.1)
    assert str(totals) == "0 of 1 blobs, 50MB of 100MB, 10MB/s, 5 s left"


def test_a_rate_is_that_of_the_last_seconds(totals, clock):
    totals.take(Planned("pull", 1, 1000 * MB))
    run(totals, clock, 10, 20 * MB, total=1000 * MB)
    run(totals, clock, 12, MB, start=200 * MB, total=1000 * MB)
    assert totals.rate() == pytest.approx(MB, rel=0.1)


def test_a_stall_shows(totals, clock):
    totals.take(Planned("pull", 1, 100 * MB))
    run(totals, clock, 5, 10 * MB)
    clock.now += 30
    assert totals.rate() < 2 * MB
    clock.now += 30
    totals.rate()
    clock.now += 30
    assert totals.rate() == 0
    assert totals.left() is None


def test_what_came_before_is_no_speed(totals, clock):
    totals.take(Planned("pull", 1, 100 * MB))
    run(totals, clock, 5, 2 * MB, start=80 * MB, before=80 * MB)
    assert totals.done == 90 * MB
    assert totals.moved == 10 * MB
    assert totals.rate() == pytest.approx(2 * MB, rel=0.05)


def test_what_is_spared_is_done_and_no_speed(totals, clock):
    totals.take(Planned("push", 2, 100 * MB))
    clock.now += 2
    totals.take(Spared("push", "a", 60 * MB))
    totals.take(BlobMoved("push", "b", 10 * MB, 40 * MB))
    totals.take(BlobMoved("pull", "b", 40 * MB, 40 * MB))  # the other side of a copy
    assert (totals.done, totals.moved, totals.whole) == (70 * MB, 10 * MB, 1)


def test_a_blob_that_begins_again_counts_once(totals, clock):
    totals.take(Planned("pull", 1, 10 * MB))
    for done in (4, 8, 2, 10):
        clock.now += 1
        totals.take(BlobMoved("pull", "a", done * MB, 10 * MB))
    assert totals.done == 10 * MB
    assert totals.whole == 1


@pytest.mark.parametrize(("seconds", "text"), [
    (0.2, "1 s"), (59, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (1e7, "days"),
])  # fmt: skip
def test_spans(seconds, text):
    assert span(seconds) == text


def test_a_log_has_the_plan_the_sum_and_the_end(monkeypatch, clock):
    monkeypatch.setattr(progress.time, "monotonic", clock)
    out = io.StringIO()
    with showing("plain", out, {}) as listener:
        listener(Planned("pull", 2, 30 * MB))
        for second in range(1, 9):
            clock.now += 1
            listener(BlobMoved("pull", "aaa", second * MB, 10 * MB))
        clock.now += 1
        listener(BlobMoved("pull", "aaa", 10 * MB, 10 * MB))
        listener(BlobMoved("pull", "bbb", 20 * MB, 20 * MB, 5 * MB))
    assert out.getvalue().splitlines() == [
        "pull: 2 blobs, 30MB",
        "pull: 0 of 2 blobs, 5MB of 30MB, 1MB/s, 25 s left",
        "pull aaa 10000000 / 10000000 done",
        "pull bbb 20000000 / 20000000 done",
        "pull: 2 blobs, 25MB in 9 s, 2.78MB/s",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_bars_and_the_sum_harmlessly():
    out = Terminal()
    with showing("tty", out, {"TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"}) as live:
        live(Planned("pull", 2, 100 * MB))
        live(BlobMoved("pull", "aaa\x1b[2J", 25 * MB, 50 * MB))
        live._screen.refresh()
        live(BlobMoved("pull", "aaa\x1b[2J", 50 * MB, 50 * MB))
        live._screen.refresh()
    text = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", out.getvalue())
    assert "\x1b[2J" not in out.getvalue()
    assert re.search(r"pulling +aaa\\x1b\[2J ━{15}─{15}  50% 25MB / 50MB", text)
    assert "0 of 2 blobs, 25MB of 100MB" in out.getvalue()
    assert "1 of 2 blobs, 50MB of 100MB" in out.getvalue()


def test_json_tells_all_that_a_sum_needs():
    out = io.StringIO()
    with showing("json", out, {}) as listener:
        listener(Planned("push", 2, 30))
        listener(Spared("push", "aaa", 10))
        listener(BlobMoved("push", "bbb", 20, 20, 5))
    lines = [{k: v for k, v in json.loads(line).items() if k != "time"} for line in out.getvalue().splitlines()]
    assert lines == [
        {"event": "planned", "verb": "push", "blobs": 2, "size": 30},
        {"event": "spared", "verb": "push", "name": "aaa", "size": 10},
        {"event": "blob_moved", "verb": "push", "name": "bbb", "done": 20, "total": 20, "before": 5},
    ]
