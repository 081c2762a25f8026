"""What can go wrong between a registry and who asks it: one function a fault, for the rules of ``fault_proxy``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate

from fault_proxy import Answer, Exchange, Fault

HTML = b"<!DOCTYPE html><html><body>Sign in to the wireless network</body></html>"


def hang_up(*, reset: bool = False) -> Fault:
    """No answer: the connection ends."""
    return lambda exchange: exchange.hang_up(reset=reset)


def silence(seconds: float = 60) -> Fault:
    """No answer, and the line stays open."""

    def fault(exchange: Exchange) -> None:
        exchange.hold(seconds)
        exchange.hang_up()

    return fault


def cut_head(after: int = 20, *, reset: bool = False) -> Fault:
    """The connection ends within the answer's headers."""

    def fault(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"[:after])
        exchange.hang_up(reset=reset)

    return fault


def slow_head(seconds: float = 0.1) -> Fault:
    """Headers come a byte at a time, without end."""

    def fault(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not exchange.proxy.over.is_set():
            exchange.raw(b"a")
            exchange.hold(seconds)

    return fault


def garbage() -> Fault:
    """An answer that is not HTTP."""

    def fault(exchange: Exchange) -> None:
        exchange.raw(b"220 mail.example.com ESMTP\r\n\x00\xff\xfe\r\n\r\n")
        exchange.hang_up()

    return fault


def cut(after: int, *, reset: bool = False) -> Fault:
    """The connection ends after so many bytes of the body."""

    def fault(exchange: Exchange) -> None:
        _begin(exchange, after)
        exchange.hang_up(reset=reset)

    return fault


def stall(after: int, seconds: float = 60) -> Fault:
    """Silence after so many bytes of the body."""

    def fault(exchange: Exchange) -> None:
        _begin(exchange, after)
        exchange.hold(seconds)
        exchange.hang_up()

    return fault


def trickle(after: int, piece: int = 8, seconds: float = 0.1) -> Fault:
    """After so many bytes a few at a time: never silent, never done."""

    def fault(exchange: Exchange) -> None:
        for data in _begin(exchange, after):
            for at in range(0, len(data), piece):
                exchange.hold(seconds)
                exchange.send(data[at : at + piece])

    return fault


def _begin(exchange: Exchange, after: int) -> Iterator[bytes]:
    """Send the right answer's head and the first bytes of its body; gives the rest."""
    answer = exchange.ask()
    exchange.head(answer)
    left = after
    for data in answer.body:
        exchange.send(data[:left])
        if len(data) > left:
            return _rest(data[left:], answer.body)
        left -= len(data)
    return iter(())


def _rest(data: bytes, body: Iterator[bytes]) -> Iterator[bytes]:
    yield data
    yield from body


def edited(edit: Callable[[Answer], None]) -> Fault:
    """The registry's answer with something changed."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        edit(answer)
        exchange.give(answer)

    return fault


def flipped(at: int) -> Fault:
    """One bit of the body is wrong: the one at ``at`` of the bytes that are sent."""

    def body(answer: Answer) -> Iterator[bytes]:
        done = 0
        for data in answer.body:
            here = at - done
            yield data[:here] + bytes([data[here] ^ 1]) + data[here + 1 :] if 0 <= here < len(data) else data
            done += len(data)

    def edit(answer: Answer) -> None:
        answer.body = body(Answer(0, {}, answer.body, None))

    return edited(edit)


def truncated(by: int) -> Fault:
    """Body and Content-Length are both too short: the answer looks whole."""

    def edit(answer: Answer) -> None:
        answer.length = max(0, (answer.length or 0) - by)
        answer.headers["Content-Length"] = str(answer.length)
        answer.body = Answer(0, {}, answer.body, None).cut(0, answer.length)

    return edited(edit)


def lengthened(by: int) -> Fault:
    """Body and Content-Length are both too long."""

    def edit(answer: Answer) -> None:
        answer.length = (answer.length or 0) + by
        answer.headers["Content-Length"] = str(answer.length)
        answer.body = _more(answer.body, b"x" * by)

    return edited(edit)


def _more(body: Iterator[bytes], data: bytes) -> Iterator[bytes]:
    yield from body
    yield data


def promised(by: int) -> Fault:
    """Content-Length says more than comes; then the connection ends."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        answer.headers["Content-Length"] = str((answer.length or 0) + by)
        exchange.give(answer)
        exchange.hang_up()

    return fault


def chunked() -> Fault:
    """The right body in chunks, its length not said."""

    def edit(answer: Answer) -> None:
        answer.headers.pop("Content-Length", None)
        answer.length = None

    return edited(edit)


def until_close() -> Fault:
    """The right body without length or chunks: it ends where the connection ends."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask()
        answer.headers.pop("Content-Length", None)
        answer.headers["Connection"] = "close"
        exchange.head(answer)
        for data in answer.body:
            exchange.send(data)
        exchange.hang_up()

    return fault


def header(name: str, value: str | None) -> Fault:
    """One header says something else, or is not there."""

    def edit(answer: Answer) -> None:
        for known in [known for known in answer.headers if known.lower() == name.lower()]:
            del answer.headers[known]
        if value is not None:
            answer.headers[name] = value

    return edited(edit)


def whole() -> Fault:
    """200 and all of it, whatever range was asked for."""

    def fault(exchange: Exchange) -> None:
        exchange.headers.pop("range", None)
        exchange.give(exchange.ask())

    return fault


def shifted(by: int) -> Fault:
    """206 with another range than was asked for, and the header says so truly."""

    def fault(exchange: Exchange) -> None:
        start = exchange.log.start + by
        exchange.headers["range"] = f"bytes={start}-"
        exchange.give(exchange.ask())

    return fault


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """An answer of our own; the registry is not asked."""
    return lambda exchange: exchange.answer(code, body, **headers)


def unsatisfiable() -> Fault:
    """416: no such range."""
    return status(416, Content_Range="bytes */0")


def html(code: int = 200) -> Fault:
    """A page where a registry's answer should be, as captive portals give."""
    return status(code, HTML, Content_Type="text/html; charset=utf-8")


def limited(retry_after: str | None = None) -> Fault:
    """429 with a text body, as the Hub's limit for abuse has it."""
    named = {"Retry_After": retry_after} if retry_after is not None else {}
    return status(429, b"Too Many Requests\n", Content_Type="text/plain", **named)


def in_seconds(seconds: float) -> str:
    """A Retry-After date so far ahead."""
    return formatdate(time.time() + seconds, usegmt=True)


def redirect(base: str, code: int = 307) -> Fault:
    """Sent on to the same path at another host."""
    return lambda exchange: exchange.answer(code, Location=base + exchange.target)


def loop() -> Fault:
    """Sent on to itself."""
    return lambda exchange: exchange.answer(307, Location=exchange.target)


def expired() -> Fault:
    """All tokens are old from now on, and this request hears of it."""

    def fault(exchange: Exchange) -> None:
        exchange.proxy.expire()
        exchange.proxy.challenge(exchange)

    return fault


def cut_request(after: int, *, reset: bool = False) -> Fault:
    """The connection ends after so many bytes of what the client sends; the registry hears nothing."""

    def fault(exchange: Exchange) -> None:
        for _ in exchange.body(after):
            pass
        exchange.hang_up(reset=reset)

    return fault


def cut_upload(after: int) -> Fault:
    """The connection ends after so many bytes of what the client sends, and so many reached the registry."""

    def fault(exchange: Exchange) -> None:
        exchange.tell(after)
        exchange.hang_up()

    return fault


def deaf(after: int, seconds: float = 60) -> Fault:
    """Reads so much of what the client sends, and then no more."""

    def fault(exchange: Exchange) -> None:
        for _ in exchange.body(after):
            pass
        exchange.hold(seconds)
        exchange.hang_up()

    return fault


def done_but(fault: Fault) -> Fault:
    """The registry does what it was asked for, but the client hears ``fault``."""

    def both(exchange: Exchange) -> None:
        for _ in exchange.ask().body:
            pass
        fault(exchange)

    return both
