"""Who gave what, counted from events."""

from __future__ import annotations

from lissom.cli.served import Givers
from lissom.events import Decision, Event, Served


def test_hosts_are_counted_apart_and_time_once() -> None:
    heard: list[Event] = []
    now = [10.0]
    givers = Givers(heard.append, clock=lambda: now[0])
    givers(Served("origin.example", "aaa", 1000, 1.0))
    givers(Served("mirror.example", "bbb", 4000, 2.0, mirror=True))
    now[0] = 11.0
    givers(Served("mirror.example", "ccc", 2000, 3.0, mirror=True))
    givers(Served("mirror.example", "bbb", 500, 1.0, mirror=True))
    givers(Decision("x", "y"))
    assert len(heard) == 5
    assert givers.rows() == [
        {"host": "mirror.example", "mirror": True, "blobs": 2, "bytes": 6500, "seconds": 3.0, "bytesPerSecond": 2167},
        {"host": "origin.example", "mirror": False, "blobs": 1, "bytes": 1000, "seconds": 1.0, "bytesPerSecond": 1000},
    ]
    assert givers.text().splitlines() == [
        "SERVED BY                 BLOBS   BYTES   TIME   RATE",
        "mirror.example (mirror)   2       6.5kB   3.0s   2.17kB/s",
        "origin.example            1       1kB     1.0s   1kB/s",
    ]


def test_a_host_cannot_write_on_the_terminal() -> None:
    givers = Givers(lambda _: None)
    givers(Served("evil\x1b[2J.example", "a", 1, 0.0))
    assert "\x1b" not in givers.text()
