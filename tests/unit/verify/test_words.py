"""Probes in one line."""

import pytest

from lissom.errors import UsageError
from lissom.verify.expectation import Expectation
from lissom.verify.probe import Exec, Http
from lissom.verify.words import parse_exec, parse_http


@pytest.mark.parametrize(
    ("text", "name", "action", "expect"),
    [
        ("GET /path -> 200", "GET /path", Http(path="/path"), Expectation(status=("200",))),
        ("/path", "/path", Http(path="/path"), Expectation()),
        ("GET /", "GET /", Http(), Expectation()),
        ("GET :8081/path -> 2xx", "GET :8081/path", Http(path="/path", port=8081), Expectation(status=("2xx",))),
        (":9000", ":9000", Http(path="/", port=9000), Expectation()),
        ("http://localhost:80/a?b=c", "http://localhost:80/a?b=c", Http(path="/a?b=c", port=80), Expectation()),
        ("POST /notes text=hello -> 302", "POST /notes text=hello", Http("POST", "/notes", form=(("text", "hello"),)), Expectation(status=("302",))),
        ("/notes text='a b' n=", "/notes text='a b' n=", Http("POST", "/notes", form=(("text", "a b"), ("n", ""))), Expectation()),
        ("PUT /x -d 'a b' -> 200|201", "PUT /x -d 'a b'", Http("PUT", "/x", body=b"a b"), Expectation(status=("200", "201"))),
        ("/x -L -H 'Accept: a/b' -> 200", "/x -L -H 'Accept: a/b'", Http(path="/x", headers=(("Accept", "a/b"),), follow=True), Expectation(status=("200",))),
        ("""POST /x --json '{"a": 1}'""", """POST /x --json '{"a": 1}'""", Http("POST", "/x", headers=(("Content-Type", "application/json"),), body=b'{"a": 1}'), Expectation()),
        ("""/x --json {"a": "b c"} -L""", """/x --json {"a": "b c"} -L""", Http("POST", "/x", headers=(("Content-Type", "application/json"),), body=b'{"a": "b c"}', follow=True), Expectation()),
        ("/ -> 200 'a.b' ~^c+$", "/", Http(), Expectation(status=("200",), body=(r"a\.b", "^c+$"))),
        ('/ -> "said \\"hi\\""', "/", Http(), Expectation(body=('said\\ "hi"',))),
        (f"/ -> sha256:{'0' * 64}", "/", Http(), Expectation(digest=f"sha256:{'0' * 64}")),
    ],
)  # fmt: skip
def test_requests(text, name, action, expect):
    probe = parse_http(text)
    assert (probe.name, probe.action, probe.expect) == (name, action, expect)


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ("", "it is empty", None),
        ("GET", "the path is missing", None),
        ("get /", "`get` is neither a method such as GET nor a path such as /health", "get"),
        ("GET path", "`path` is no path: it begins with /", "path"),
        ("GET /a\u00fc", "the path holds characters that must be written as %XX", "/a\u00fc"),
        ("GET :0/a", "0 is not a port from 1 to 65535", ":0/a"),
        ("http://example.com/", "`http://example.com/` is not in the container: name a path, or http://localhost:PORT/path", "http://example.com/"),
        ("/x --foo", "`--foo` is neither FIELD=VALUE, -H, -d, --json nor -L; `->` begins the answer", "--foo"),
        ("/x -H nothing", "a header is 'NAME: VALUE'", "nothing"),
        ("/x -d", "the body of -d is missing", None),
        ("/x -d a b=c", "a request has either form fields or a body", "b=c"),
        ("/x a=b -d c", "a request has one body", "-d"),
        ("/x --json {", "this is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))", "{"),
        ("/x 'a", "the quote is never closed", "'"),
        ("/x ->200", "`->` is a word of its own", "->200"),
        ("/x ->", "what to expect is missing: a status such as 200, or a text in quotes", None),
        ("/x -> 99", "`99` is no status such as 200, 2xx or 200|302", "99"),
        ("/x -> 200 foo", "a text to find in the body is in quotes, a regular expression begins with ~", "foo"),
        ("/x -> 200 ~(", "this is no regular expression: missing ), unterminated subpattern at position 0", "~("),
        ("/x -> sha256:ab", "a digest is sha256: and 64 of 0-9a-f", "sha256:ab"),
    ],
)  # fmt: skip
def test_errors_point_at_the_word(text, cause, marked):
    with pytest.raises(UsageError) as caught:
        parse_http(text)
    first, shown, mark = caught.value.message.split("\n")
    assert first == f"cannot use --http: {cause}"
    assert shown == f"  --http {text}"
    if marked is not None:
        start = len("  --http ") + text.rindex(marked)
        assert mark == " " * start + "^" * len(marked)


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("ls -l /", ("ls", "-l", "/")),
        ("python -c 'print(1)'", ("python", "-c", "print(1)")),
        ('echo "a b" c\\ d', ("echo", "a b", "c d")),
        ("a | b", ("/bin/sh", "-c", "a | b")),
        ('echo "$HOME"', ("/bin/sh", "-c", 'echo "$HOME"')),
        ("A=1 env", ("/bin/sh", "-c", "A=1 env")),
        ("ls *.txt", ("/bin/sh", "-c", "ls *.txt")),
    ],
)
def test_commands(text, argv):
    assert parse_exec(text).action == Exec(argv)


def test_an_empty_command():
    with pytest.raises(UsageError, match="the command is empty"):
        parse_exec("  ")
