"""Answers against expectations."""

import gzip
import json
import struct

import pytest

from lissom.verify.answer import Answer, Body
from lissom.verify.expect import (
    find_exit_fault,
    find_http_fault,
    find_reply_fault,
    find_rows_fault,
    shortened,
    status_fits,
)
from lissom.verify.expectation import Expectation

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack("!II", 48, 24)


def answer(body=b"", status=200, errors=b"", **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, pairs, Body(body), Body(errors))


@pytest.mark.parametrize(
    ("patterns", "status", "fits"),
    [
        ((), 200, True),
        ((), 399, True),
        ((), 400, False),
        (("2xx",), 204, True),
        (("2xx",), 304, False),
        (("200", "302"), 302, True),
    ],
)
def test_statuses(patterns, status, fits):
    assert status_fits(patterns, status) is fits


@pytest.mark.parametrize(
    ("expect", "given", "fault"),
    [
        (Expectation(), answer(b"no", 500), "status 500 instead of one below 400: no"),
        (Expectation(status=("2xx", "302")), answer(b"", 404), "status 404 instead of 2xx|302"),
        (Expectation(body=("^a.c$",)), answer(b"a\nc"), None),
        (Expectation(body=("x",)), answer(b"abc"), "the body lacks 'x': abc"),
        (Expectation(without=("b",)), answer(b"abc"), "the body has 'b': abc"),
        (Expectation(headers=(("Content-Type", "text/HTML"),)), answer(content_type="text/html; x"), None),
        (Expectation(headers=(("ETag", "."),)), answer(), "header ETag is '', not '.'"),
        (Expectation(gzip=True, body=("abc",)), answer(gzip.compress(b"abc"), content_encoding="gzip"), None),
        (Expectation(gzip=True), answer(b"abc"), "the body is not compressed with gzip"),
        (Expectation(gzip=True), answer(b"abc", content_encoding="gzip"), "the body is not compressed with gzip"),
        (Expectation(png=(48, 24)), answer(PNG), None),
        (Expectation(png=(1, 1)), answer(PNG), "the picture is 48x24"),
        (Expectation(png=(1, 1)), answer(b"GIF"), "it is no PNG picture: GIF"),
        (Expectation(magic=b"PK"), answer(b"PKx"), None),
        (Expectation(magic=b"PK"), answer(b"ab"), "it begins with 6162, not 504b"),
        (Expectation(json=(("0.a", 1), ("1", None))), answer(b'[{"a": 1.0}, null]'), None),
        (Expectation(json=(("a.b", 1),)), answer(b'{"a.b": 1}'), None),
        (Expectation(json=(("a.b", 1),)), answer(b'{"a": []}'), 'the body has no a.b: {"a": []}'),
        (Expectation(json=(("a", 1),)), answer(b'{"a": "1"}'), "a is '1', not 1"),
        (Expectation(json=(("a", 1),)), answer(b"<"), "the body is not JSON: <"),
        (Expectation(json=(("a", 1),)), answer(b"[" * 100_000), None),
        (Expectation(digest=Body(b"abc").digest), answer(b"abc"), None),
        (Expectation(digest="sha256:0"), answer(b"abc"), f"the body is {Body(b'abc').digest}, not sha256:0"),
    ],
)  # fmt: skip
def test_http(expect, given, fault):
    found = find_http_fault(expect, given)
    if given.body.size == 100_000:
        assert found is not None
        assert found.startswith("the body is not JSON")
    else:
        assert found == fault


@pytest.mark.parametrize(
    ("expect", "given", "fault"),
    [
        (Expectation(), answer(status=0), None),
        (Expectation(), answer(b"out", 1), "exit status 1 instead of 0: out"),
        (Expectation(exit=(2, 3)), answer(b"out", 1, b"err\n"), "exit status 1 instead of 2 or 3: err"),
        (Expectation(stdout=("a",), stderr=("b", "a")), answer(b"a", 0, b"b"), None),
        (Expectation(stderr_without=("b",)), answer(b"", 0, b"b"), "stderr has 'b': b"),
    ],
)
def test_commands(expect, given, fault):
    assert find_exit_fault(expect, given) == fault


def test_replies():
    assert find_reply_fault(Expectation(reply=("^PONG$",)), answer(b"PONG")) is None
    assert find_reply_fault(Expectation(reply=("^PONG$",)), answer(b"-ERR")) == "the reply lacks '^PONG$': -ERR"


@pytest.mark.parametrize(
    ("expect", "given", "fault"),
    [
        (Expectation(), answer(b"1", 0), None),
        (Expectation(rows=("^1; 2$",)), answer(b"1; 2", 0), None),
        (Expectation(rows=("^2$",)), answer(b"1", 0), "the result lacks '^2$': 1"),
        (Expectation(rows=("^2$",)), answer(b"no such table", 1), "error: no such table"),
        (Expectation(), answer(b"no such table", 1), "error: no such table"),
        (Expectation(error=("denied",)), answer(b"permission denied", 1), None),
        (Expectation(error=("denied",)), answer(b"no such table", 1), "the error lacks 'denied': no such table"),
        (Expectation(error=("denied",)), answer(b"1", 0), "no error, but 1"),
        (Expectation(error=("denied",)), answer(b"", 0), "no error, but no rows"),
    ],
)
def test_rows(expect, given, fault):
    assert find_rows_fault(expect, given) == fault


def test_a_large_body_is_digested_but_not_kept():
    body = Body()
    for _ in range(40):
        body.feed(b"x" * (1 << 20))
    assert (body.size, len(body.data)) == (40 << 20, 8 << 20)
    assert json.dumps(body.digest)


def test_shortened():
    assert shortened("a\n\n  b\x1b[0m\n") == "a | b\ufffd[0m"
    assert shortened("x" * 300) == "x" * 200 + "\u2026"
