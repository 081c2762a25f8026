import json

import pytest

from lissom.registry.health import Health


class Notes:
    def __init__(self, data=b""):
        self.data = data

    def load(self):
        return self.data

    def save(self, data):
        self.data = data


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def rests_for(health, clock, host):
    started, seconds = clock.now, 0
    while health.rests(host):
        seconds += 1
        clock.now = started + seconds
    return seconds


def test_a_host_rests_a_minute_then_longer(clock):
    health = Health(clock=clock)
    assert not health.rests("a")
    pauses = []
    for _ in range(6):
        health.failed("a")
        pauses.append(rests_for(health, clock, "a"))
    assert pauses == [60, 120, 240, 480, 900, 900]
    assert not health.rests("b")


def test_one_failure_seen_by_many_threads_counts_once(clock):
    health = Health(clock=clock)
    for _ in range(4):
        health.failed("a")
    assert rests_for(health, clock, "a") == 60


def test_a_host_says_how_long(clock):
    health = Health(clock=clock)
    health.failed("a", wait=500)
    assert rests_for(health, clock, "a") == 500
    health.failed("b", wait=1e9)
    assert rests_for(health, clock, "b") == 900


def test_success_is_forgiveness(clock):
    health = Health(clock=clock)
    health.failed("a")
    health.worked("a")
    assert not health.rests("a")
    health.failed("a")
    assert rests_for(health, clock, "a") == 60


def test_it_outlives_a_command(clock):
    notes = Notes()
    Health(notes, clock=clock).failed("a")
    again = Health(notes, clock=clock)
    assert again.rests("a")
    again.worked("a")
    assert not Health(notes, clock=clock).rests("a")


def test_two_commands_at_once_do_not_forget_each_other(clock):
    notes = Notes()
    one, two = Health(notes, clock=clock), Health(notes, clock=clock)
    one.failed("a")
    two.failed("b")
    third = Health(notes, clock=clock)
    assert third.rests("a")
    assert third.rests("b")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"[]",
        b"{",
        b"7",
        b'{"a": 1}',
        b'{"a": ["x", 1]}',
        b'{"a": [1e999, 1]}',
        b'{"a": [1, 1, 1]}',
        b"[" * 9999,
    ],
    ids=["bytes", "list", "half", "number", "short", "words", "infinite", "long", "deep"],
)
def test_garbage_is_no_memory(clock, data):
    notes = Notes(data)
    health = Health(notes, clock=clock)
    health.failed("b")
    assert rests_for(health, clock, "b") == 60
    assert "b" in json.loads(notes.data)


def test_a_clock_that_was_wrong_does_not_banish_a_host(clock):
    health = Health(Notes(b'{"a": [9999999999, 3]}'), clock=clock)
    assert rests_for(health, clock, "a") <= 900


def test_late_rates_count_more(clock):
    health = Health(clock=clock)
    assert health.rate("a") == 0
    health.measured("a", 100)
    health.measured("a", 300)
    assert health.rate("a") == 200
