"""The client of PostgreSQL, against a server that is a thread."""

import base64
import hashlib
import hmac
import socket
import struct
import threading
from contextlib import contextmanager, suppress

import pytest

from lissom.verify.login import Login
from lissom.verify.postgres import ask_postgres

SHOP = Login("shop", "s3cr\u00e8t", "stock")
STARTUP = b"\0\x03\0\0user\0shop\0database\0stock\0client_encoding\0UTF8\0\0"
OK, IDLE = b"R" + struct.pack("!ii", 8, 0), b"Z\0\0\0\x05I"
SALT, ROUNDS = b"salt of a server", 4096


def message(kind: bytes, data: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(data) + 4) + data


def row(*fields: bytes | None) -> bytes:
    parts = [struct.pack("!i", -1) if one is None else struct.pack("!i", len(one)) + one for one in fields]
    return message(b"D", struct.pack("!h", len(fields)) + b"".join(parts))


def error(text: bytes, severity: bytes = b"ERROR") -> bytes:
    return message(b"E", b"SFEHLER\0V%s\0C28P01\0M%s\0\0" % (severity, text))


def wants(method: int, data: bytes = b"") -> bytes:
    return message(b"R", struct.pack("!i", method) + data)


class Far:
    """The server's end of a connection."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.stream = end.makefile("rb")
        self.got: list[tuple[bytes, bytes]] = []

    def read(self, *, kind: bool = True) -> bytes:
        """The next message of the client."""
        letter = self.stream.read(1) if kind else b""
        data = self.stream.read(struct.unpack("!i", self.stream.read(4))[0] - 4)
        self.got.append((letter, data))
        return data

    def send(self, *parts: bytes) -> None:
        self.end.sendall(b"".join(parts))


@contextmanager
def serving(work):
    """A socket to a thread that does ``work``, and what it got."""
    near, end = socket.socketpair()
    end.settimeout(20)
    far = Far(end)

    def serve():
        with suppress(OSError, struct.error):  # nobody reads on after nonsense
            far.read(kind=False)
            work(far)
        far.stream.close()
        end.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield near, far
    finally:
        near.close()
        thread.join()


def answering(*parts: bytes):
    """A server that trusts, and answers a query with ``parts``."""

    def work(far: Far) -> None:
        far.send(OK, message(b"S", b"TimeZone\0UTC\0"), message(b"K", bytes(8)), IDLE)
        far.read()
        far.send(*parts)
        while True:
            far.read()

    return work


def ask(work, login: Login = SHOP, timeout: float = 10):
    with serving(work) as (near, far):
        answer = ask_postgres(near, login, "select 1", timeout=timeout)
    return answer.status, answer.body.text, far.got


@pytest.mark.parametrize(
    ("parts", "status", "text"),
    [
        ((message(b"T"), row(b"1", b"gr\xc3\xbc\xc3\x9f"), row(None, b""), IDLE), 0, "1 gr\u00fc\u00df; (null) "),
        ((message(b"T"), row(b"1"), message(b"C"), message(b"T"), row(b"2"), message(b"C"), IDLE), 0, "2"),
        ((message(b"T"), row(b"1"), message(b"C"), message(b"C", b"CREATE\0"), IDLE), 0, "1"),
        ((message(b"H"), message(b"d", b"a\tb\n"), message(b"d", b"c\n"), message(b"c"), IDLE), 0, "a\tb; c"),
        ((message(b"N", b"Mhm\0\0"), message(b"I"), IDLE), 0, ""),
        ((message(b"T"), row(b"1"), error(b"no such thing"), IDLE), 1, "no such thing"),
        ((error(b"going down", b"FATAL"),), 1, "going down"),
        ((message(b"E", b"\0"), IDLE), 1, "?"),
    ],
    ids=range(8),
)
def test_answers(parts, status, text):
    got = ask(answering(*parts))
    assert got == (status, text, [(b"", STARTUP), (b"Q", b"select 1\0"), (b"X", b"")])


def test_there_is_nothing_to_copy_from():
    def work(far: Far) -> None:
        far.send(OK, IDLE)
        far.read()
        far.send(message(b"G"))
        far.send(error(far.read()[:-1]), IDLE)

    assert ask(work)[:2] == (1, "there is nothing to copy from")


def test_a_login_in_clear():
    def work(far: Far) -> None:
        far.send(wants(3))
        far.send(OK, IDLE) if far.read() == b"s3cr\xc3\xa8t\0" else far.send(error(b"no"))
        far.read()
        far.send(message(b"T"), row(b"1"), IDLE)

    assert ask(work)[:2] == (0, "1")


def test_a_login_by_md5():
    inner = hashlib.md5(SHOP.password.encode() + b"shop").hexdigest()
    wanted = b"md5" + hashlib.md5(inner.encode() + b"salt").hexdigest().encode() + b"\0"

    def work(far: Far) -> None:
        far.send(wants(5, b"salt"))
        far.send(OK, IDLE) if far.read() == wanted else far.send(error(b"no"))
        far.read()
        far.send(IDLE)

    assert ask(work)[:2] == (0, "")


def scram(far: Far) -> None:
    """The server's side of SCRAM, knowing the keys only."""
    salted = hashlib.pbkdf2_hmac("sha256", SHOP.password.encode(), SALT, ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    far.send(wants(10, b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"))
    mechanism, _, rest = far.read().partition(b"\0")
    assert (mechanism, rest[4:8]) == (b"SCRAM-SHA-256", b"n,,n")
    assert struct.unpack("!i", rest[:4]) == (len(rest) - 4,)
    first = rest[7:]
    nonce = first.partition(b"r=")[2] + b"and,more".replace(b",", b"-")
    challenge = b"r=%s,s=%s,i=%d" % (nonce, base64.b64encode(SALT), ROUNDS)
    far.send(wants(11, challenge))
    bare, _, proof = far.read().partition(b",p=")
    assert bare == b"c=biws,r=" + nonce
    signature = hmac.digest(stored, b",".join((first, challenge, bare)), "sha256")
    key = bytes(one ^ two for one, two in zip(base64.b64decode(proof), signature, strict=True))
    if hashlib.sha256(key).digest() != stored:
        far.send(error(b"password authentication failed", b"FATAL"))
        return
    far.send(wants(12, b"v=whatever"), OK, IDLE)
    far.read()
    far.send(message(b"T"), row(b"in"), IDLE)


def test_a_login_by_scram():
    assert ask(scram)[:2] == (0, "in")


def test_a_password_in_another_form_of_unicode():
    assert ask(scram, Login("shop", "s3cre\u0300t"))[:2] == (0, "in")


def test_a_wrong_password_is_an_answer():
    assert ask(scram, Login("shop", "nope"))[:2] == (1, "password authentication failed")


def test_a_refusal_at_once_is_an_answer():
    assert ask(lambda far: far.send(error(b"too many clients", b"FATAL")))[:2] == (1, "too many clients")


@pytest.mark.parametrize(
    "challenge",
    [b"", b"r=x,s=,i=1", b"i=x", b"r=%s,s=c2FsdA==,i=0", b"r=%s,s=c2FsdA==,i=2000000000", b"r=%s,s=A,i=1"],
)
def test_what_is_no_challenge(challenge):
    def work(far: Far) -> None:
        far.send(wants(10, b"SCRAM-SHA-256\0\0"))
        far.send(wants(11, challenge.replace(b"%s", far.read().partition(b"r=")[2])))
        far.read()

    with pytest.raises(OSError, match="not in PostgreSQL's protocol"):
        ask(work)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"Z\0\0\0\0",
        b"Z\xff\xff\xff\xff",
        b"S\x7f\xff\xff\xff",
        b"R\0\0\0\x04",
        message(b"S", bytes(1 << 20)) * 17,
        wants(7),
        wants(10, b"SCRAM-SHA-512\0\0"),
        error(b"and then it hangs up")[:-1],
    ],
    ids=range(10),
)
def test_what_is_not_postgresql(data):
    with pytest.raises(OSError):
        ask(lambda far: far.send(data))


@pytest.mark.parametrize(
    "data",
    [
        message(b"D"),
        message(b"D", b"\0\x01"),
        message(b"D", b"\0\x01\0\0\0\x05abcd"),
        message(b"D", b"\x7f\xff" + b"\xff" * 8),
        message(b"D", b"\0\x02\0\0\0\x01a"),
        row(b"1"),
    ],
    ids=range(6),
)
def test_rows_that_are_none(data):
    def work(far: Far) -> None:
        far.send(OK, IDLE)
        far.read()
        far.send(data)

    with pytest.raises(OSError):
        ask(work)


def test_a_server_that_drips_is_cut_off():
    def work(far: Far) -> None:
        far.send(OK)
        while True:
            far.send(message(b"N"))
            threading.Event().wait(0.02)

    with pytest.raises(TimeoutError, match="the time is up"):
        ask(work, timeout=0.3)


def test_a_password_is_not_shown():
    assert "s3cr" not in repr(SHOP)
