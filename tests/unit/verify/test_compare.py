"""Two runs of the original against one of the new image."""

import pytest

from lissom.errors import UsageError, VerifyError
from lissom.verify.answer import Answer, Body
from lissom.verify.compare import Outcome, compare, require_sound
from lissom.verify.observation import Exercise, Observation, observe


def run(*observations):
    return Exercise(tuple(observations))


def http(name="a", status=200, body=b"x", failure=None, kind="http", **headers):
    pairs = tuple((key.replace("_", "-"), value) for key, value in headers.items())
    return observe(name, kind, Answer(status, pairs, Body(body)), seconds=0, failure=failure)


def outcome(before, after):
    verdict = compare([run(*one) for one in before], run(*after))
    return verdict.outcome.value, [row.words for row in verdict.rows]


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ([[http()], [http()]], [http()], ("passed", [""])),
        ([[http()], [http()]], [http(body=b"y")], ("failed", ["the body differs (1 bytes before, 1 after): y"])),
        ([[http()], [http(body=b"z")]], [http(body=b"y")], ("passed", ["its body is another each time, so its status counts"])),
        ([[http()], [http()]], [http(status=500)], ("failed", ["status 500 instead of 200: x"])),
        ([[http()], [http(status=500)]], [http()], ("inconclusive", ["flaky on the original: status 200, then 500"])),
        ([[http()], [http(failure="no")]], [http()], ("inconclusive", ["flaky on the original: no"])),
        ([[http(failure="no")], [http(failure="no")]], [http()], ("inconclusive", ["fails on the original already: no"])),
        ([[http()], [http()]], [http(failure="bad")], ("failed", ["bad"])),
        ([[http()], [http()]], [], ("failed", ["it was not reached"])),
        ([[http()], []], [http()], ("inconclusive", ["flaky: one run of the original did not get there"])),
        ([[http(content_type="a")], [http(content_type="a")]], [http(content_type="b")], ("failed", ["header content-type is 'b' instead of 'a'"])),
        ([[http(location="/1")], [http(location="/2")]], [http(location="/3")], ("passed", [""])),
        ([[http(etag="1")], [http(etag="1")]], [http(etag="2")], ("passed", [""])),
        ([[http(kind="crawl")], [http(kind="crawl")]], [], ("failed", ["no link leads there any more"])),
        ([[http(), http("s", kind="crawl")], [http()]], [http()], ("passed", [""])),
        ([[], []], [], ("inconclusive", [])),
        ([[http()], [http()]], [http(), http("new", failure="crash")], ("failed", ["", "crash"])),
    ],
)  # fmt: skip
def test_outcomes(before, after, result):
    assert outcome(before, after) == result


def test_times_of_now_may_differ():
    import time

    year = time.gmtime().tm_year
    old, new = (f"built {year}-05-06T10:11:12+01:00 in {n} ms".encode() for n in (3, 14))
    new = new.replace(b"11:12", b"12:59")
    assert outcome([[http(body=old)]] * 2, [http(body=new)]) == ("passed", ["only times differ"])
    assert outcome([[http(body=old)]] * 2, [http(body=new.replace(b"+01:00", b"+00:00"))])[0] == "failed"
    old = b"1970-01-01T01:00:00"
    assert outcome([[http(body=old)]] * 2, [http(body=b"1970-01-01T00:00:00")])[0] == "failed"


def test_how_it_ended_counts_by_its_status():
    ends = [Observation("stop default", "stop", status) for status in (0, 0, 137)]
    assert outcome([[ends[0]], [ends[1]]], [ends[2]]) == ("failed", ["status 137 instead of 0"])


def test_why_nothing_was_reached():
    end = Observation("end default", "end", 1, excerpt="ImportError")
    assert outcome([[http()]] * 2, [end]) == (
        "failed",
        ["it was not reached: it ended by itself with status 1: ImportError"],
    )
    start = Observation("start default", "start", failure="it exited")
    assert outcome([[http()]] * 2, [start])[1] == ["it was not reached: it exited", "it exited"]


def test_a_failure_counts_more_than_a_doubt():
    before = [run(http("a"), http("b")), run(http("a"), http("b", status=404))]
    verdict = compare(before, run(http("a", status=500), http("b")))
    assert verdict.outcome is Outcome.FAILED
    assert [row.name for row in verdict.of(Outcome.INCONCLUSIVE)] == ["b"]
    assert not verdict.passed


def test_nothing_to_compare_with():
    with pytest.raises(UsageError, match="there is no run of the original"):
        compare([], run(http()))


def test_a_sound_original():
    require_sound(run(http()))
    with pytest.raises(VerifyError) as caught:
        require_sound(run(http("good"), http("GET /x", failure="status 500 instead of 200")))
    assert caught.value.message == (
        "cannot use the probes: 1 of 2 fail on the original already\n  `GET /x`: status 500 instead of 200"
    )
    start = Observation("start default", "start", failure="cannot probe `default`: it exited")
    with pytest.raises(VerifyError) as caught:
        require_sound(run(start, http(failure="x")))
    assert caught.value.message == "cannot probe `default`: it exited"
