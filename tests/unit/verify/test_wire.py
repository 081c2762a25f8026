"""Redis and plain bytes over TCP."""

import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from lissom.verify.wire import ask_raw, ask_redis


@contextmanager
def answering(data: bytes, *, close: bool = True):
    """A socket whose other side answers once with ``data``."""
    near, far = socket.socketpair()
    got: list[bytes] = []

    def serve():
        got.append(far.recv(65536))
        with suppress(OSError):  # nobody reads on after nonsense
            far.sendall(data)
        if close:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield near, got
    finally:
        thread.join()
        near.close()
        far.close()


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"+PONG\r\n", "PONG"),
        (b":41\r\n", "41"),
        (b"-ERR no\r\n", "ERR no"),
        (b"$5\r\ngr\xc3\xbc!\r\n", "gr\u00fc!"),
        (b"$-1\r\n", "(nil)"),
        (b"*3\r\n$1\r\na\r\n:2\r\n*1\r\n+x\r\n", "a 2 x"),
        (b"*-1\r\n", ""),
    ],
)
def test_redis(data, reply):
    with answering(data) as (near, got):
        assert ask_redis(near, ("SET", "k", "\u00fc"), timeout=5) == reply
    assert got == [b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\xc3\xbc\r\n"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400\r\n",
        b"$x\r\n",
        b"$99999999999\r\n",
        b"*1\r\n" * 50,
        b"+never ends",
        b"*99999999\r\n" + b"*0\r\n" * 200_000,
    ],
    ids=range(7),
)
def test_what_is_not_redis(data):
    with answering(data) as (near, _), pytest.raises(OSError):
        ask_redis(near, ("PING",), timeout=5)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("HTTP/1.0 400 Bad\r\n\r\nrest", "HTTP/1.0 400 Bad\r\n\r\n"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: y\r\n\r\nabcdef",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: y\r\n\r\nabc",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\nabcdef", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n"),
    ],
    ids=["no-length", "length", "empty"],
)
def test_raw_ends_with_an_answer_in_http(sent, seen):
    with answering(sent.encode(), close=False) as (near, got):
        assert ask_raw(near, b"x\r\n", half_close=True, timeout=5).text == seen
    assert got == [b"x\r\n"]


def test_raw_ends_with_the_time():
    with answering(b"hello", close=False) as (near, _):
        assert ask_raw(near, b"x", half_close=False, timeout=0.2).text == "hello"


def test_a_reply_that_drips_is_cut_off():
    near, far = socket.socketpair()
    over = threading.Event()

    def drip():
        with suppress(OSError):
            while not over.wait(0.05):
                far.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(OSError):
        ask_redis(near, ("PING",), timeout=0.3)
    over.set()
    thread.join()
    far.close()
