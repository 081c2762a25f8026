"""Probes in one line, as the flags ``--http`` and ``--exec`` give them."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from lissom.errors import UsageError
from lissom.verify.expectation import Expectation
from lissom.verify.line import Line, Word
from lissom.verify.probe import Exec, Http, Probe

__all__ = ["parse_exec", "parse_http"]

_METHOD = re.compile(r"[A-Z]{2,12}")
_PORT = re.compile(r":(\d{1,5})(/.*)?")
_STATUS = re.compile(r"[1-5](?:\d\d|xx)(?:\|[1-5](?:\d\d|xx))*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FIELD = re.compile(r"([A-Za-z0-9_.\[\]-]+)=(.*)", re.DOTALL)
_SHELL = re.compile(r"[|&;<>()$`*?~#{}\n!]|(?:^|\s)\w+=")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def parse_http(text: str) -> Probe:
    """A request and what to expect: ``[METHOD] [:PORT]/PATH [FIELD=VALUE…] [OPTION…] [-> [STATUS] [BODY…]]``.

    Options are ``-H 'NAME: VALUE'``, ``-d BODY``, ``--json JSON`` and ``-L`` (follow redirects). A body is a quoted
    text it must hold, ``~REGEX``, or ``sha256:HEX``. Raises UsageError that points at the wrong word.
    """
    words = Line("--http", text)
    method = _method(words)
    port, path = _target(words)
    request = _Request(words)
    while (word := words.peek()) and not word.text.startswith("->"):
        request.read()
    name = text[: word.start if word else None].strip()
    expect = _expectation(words) if word else Expectation()
    body = request.body
    action = Http(
        method or ("POST" if request.fields or body is not None else "GET"),
        path,
        port,
        tuple(request.headers),
        tuple(request.fields),
        body,
        follow=request.follow,
    )
    return Probe(name, action, expect)


def _method(words: Line) -> str:
    word = words.peek()
    if word is None:
        words.fail(0, 1, "it is empty")
    if word.text[:1] in ("/", ":") or "://" in word.text:
        return ""
    if not _METHOD.fullmatch(word.text):
        words.wrong(word, f"`{word.text}` is neither a method such as GET nor a path such as /health")
    return words.take("the method").text


def _target(words: Line) -> tuple[int | None, str]:
    word = words.take("the path")
    text, port = word.text, None
    if "://" in text:
        try:
            url = urlsplit(text)
            port = url.port
        except ValueError:
            words.wrong(word, f"`{text}` is no address")
        if url.scheme not in ("http", "https") or url.hostname not in _LOCAL:
            words.wrong(word, f"`{text}` is not in the container: name a path, or http://localhost:PORT/path")
        text = (url.path or "/") + (f"?{url.query}" if url.query else "")
    elif match := _PORT.fullmatch(text):
        port, text = int(match[1]), match[2] or "/"
    if port is not None and not 0 < port < 1 << 16:
        words.wrong(word, f"{port} is not a port from 1 to 65535")
    if not text.startswith("/"):
        words.wrong(word, f"`{text}` is no path: it begins with /")
    if not text.isascii() or any(ord(mark) <= 32 for mark in text):
        words.wrong(word, "the path holds characters that must be written as %XX")
    return port, text


class _Request:
    """What a request carries besides its path."""

    def __init__(self, words: Line) -> None:
        self._words = words
        self.headers: list[tuple[str, str]] = []
        self.fields: list[tuple[str, str]] = []
        self.body: bytes | None = None
        self.follow = False

    def read(self) -> None:
        """Take one option or form field."""
        word = self._words.take("an option")
        if word.text in ("-H", "--header"):
            self._header(self._words.take("the header of -H"))
        elif word.text in ("-d", "--data"):
            self._content(word, self._words.take("the body of -d").text.encode())
        elif word.text == "--json":
            self._json(word)
        elif word.text in ("-L", "--follow"):
            self.follow = True
        elif match := _FIELD.fullmatch(word.text):
            if self.body is not None:
                self._words.wrong(word, "a request has either form fields or a body")
            self.fields.append((match[1], match[2]))
        else:
            self._words.wrong(
                word, f"`{word.text}` is neither FIELD=VALUE, -H, -d, --json nor -L; `->` begins the answer"
            )

    def _header(self, word: Word) -> None:
        name, colon, value = word.text.partition(":")
        if not (colon and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)) or "\n" in value or "\r" in value:
            self._words.wrong(word, "a header is 'NAME: VALUE'")
        self.headers.append((name, value.strip()))

    def _content(self, word: Word, data: bytes) -> None:
        if self.body is not None or self.fields:
            self._words.wrong(word, "a request has one body")
        self.body = data

    def _json(self, word: Word) -> None:
        document = self._words.take("the document of --json")
        text = document.text
        if not document.quoted and text[:1] in ("{", "["):
            text = self._words.unquoted_json(document)
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            self._words.wrong(document, f"this is not JSON ({error})")
        self._content(word, text.encode())
        self.headers.append(("Content-Type", "application/json"))


def _expectation(words: Line) -> Expectation:
    arrow = words.take("->")
    if arrow.text != "->":
        words.wrong(arrow, "`->` is a word of its own")
    status: tuple[str, ...] = ()
    body: list[str] = []
    digest = ""
    if not words.more():
        words.fail(arrow.end, arrow.end + 1, "what to expect is missing: a status such as 200, or a text in quotes")
    first = True
    while words.more():
        word = words.take("an expectation")
        if word.quoted:
            body.append(re.escape(word.text))
        elif word.text.startswith("~"):
            body.append(_regex(words, word))
        elif _DIGEST.fullmatch(word.text):
            digest = word.text
        elif word.text.startswith("sha256:"):
            words.wrong(word, "a digest is sha256: and 64 of 0-9a-f")
        elif first and _STATUS.fullmatch(word.text):
            status = tuple(word.text.split("|"))
        elif first:
            words.wrong(word, f"`{word.text}` is no status such as 200, 2xx or 200|302")
        else:
            words.wrong(word, "a text to find in the body is in quotes, a regular expression begins with ~")
        first = False
    return Expectation(status=status, body=tuple(body), digest=digest)


def _regex(words: Line, word: Word) -> str:
    try:
        re.compile(word.text[1:])
    except re.error as error:
        words.wrong(word, f"this is no regular expression: {error}")
    return word.text[1:]


def parse_exec(text: str) -> Probe:
    """A command inside the container that must exit with 0; with characters of the shell, /bin/sh runs it."""
    if not text.strip():
        raise UsageError("cannot use --exec: the command is empty")
    words = Line("--exec", text)
    plain = _without_quotes(text)
    argv = ("/bin/sh", "-c", text) if _SHELL.search(plain) else words.all
    return Probe(text.strip(), Exec(argv))


def _without_quotes(text: str) -> str:
    """The text with what single quotes hold taken out; double quotes keep $ and ` special."""
    plain = re.sub(r"'[^']*'", "''", text)
    return re.sub(r'"((?:[^"\\$`]|\\.)*)"', '""', plain)
