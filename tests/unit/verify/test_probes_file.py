"""The probes file."""

import json
from pathlib import Path

import pytest

from lissom.errors import UsageError
from lissom.verify.expectation import Expectation
from lissom.verify.login import Login
from lissom.verify.probe import Exec, Files, Http, Instance, Logs, Pg, Probe, Raw, Redis, Run, Script, Stop
from lissom.verify.probes_file import load_probes, parse_probes

EVERYTHING = """\
about: all there is
port: 8080
crawl: true
instances:
  default:
    env: {A: b, N: 1}
    user: app
    args: [serve, "-v"]
    entrypoint: [/bin/x]
    read_only: true
    tmpfs: [/tmp, "/run:size=1m"]
    volume: /data
    port: 81
    ready: /healthz
    ready_timeout: 90
    stop: {signal: SIGINT, within: 5, exit: [0, 130], log: bye}
  quiet: {ready: "log:waiting"}
checks:
  - {name: one, http: GET /a, headers: {X: y}, expect: {status: 201, body: ["^a$", b], header: {Content-Type: text}}}
  - http: "POST /b x=1 -> 302"
    follow: true
  - {name: j, http: POST /j, json: {a: [1, 2.5, true, null, "x", y]}, expect: {json: {a.0: 1, "b": yes, c: "1"}}}
  - {name: up, http: POST /u, files: {f: [a.csv, "x\\n"]}, cookies: true, csrf: /form, repeat: 3}
  - {name: hex, http: GET /, body_hex: "00ff", expect: {gzip: true, png: [4, 2], magic: 89504e47}}
  - {exec: [ls, /], in: quiet, expect: {exit: [0, 1], stdout: a, stderr: b, stdout_without: c, stderr_without: d}}
  - {exec: "a | b", user: app, env: {A: b}, stdin: hi}
  - {run: [x], stdin: in, entrypoint: [], tmpfs: /t, volume: /v, read_only: true}
  - {redis: [PING], expect: {reply: PONG}}
  - {raw: "GET / HTTP/1.0\\r\\n\\r\\n", half_close: true, port: 9, expect: {raw: "^HTTP"}}
  - {logs: "ready"}
  - {script: ./check.sh}
  - {file: /etc/x, mode: 0644, uid: 0, gid: 5, type: file, executable: any, expect: {body: a, without: b}}
  - {file: /gone, exists: false}
"""


def test_everything():
    probes = parse_probes(EVERYTHING, "dir/p.yaml")
    assert (probes.port, probes.crawl) == (8080, True)
    assert probes.instances == {
        "default": Instance(
            "default", (("A", "b"), ("N", "1")), "app", ("serve", "-v"), ("/bin/x",), True, ("/tmp", "/run:size=1m"),
            "/data", 81, "/healthz", 90, Stop("SIGINT", 5, (0, 130), "bye"),
        ),
        "quiet": Instance("quiet", ready="log:waiting"),
    }  # fmt: skip
    assert [probe.where for probe in probes.checks[:3]] == ["dir/p.yaml:19", "dir/p.yaml:20", "dir/p.yaml:22"]
    kind = ("Content-Type", "application/json")
    assert [(probe.name, probe.action, probe.expect) for probe in probes.checks] == [
        ("one", Http(path="/a", headers=(("X", "y"),)), Expectation(status=("201",), body=("^a$", "b"), headers=(("Content-Type", "text"),))),
        ("POST /b x=1 -> 302", Http("POST", "/b", form=(("x", "1"),), follow=True), Expectation(status=("302",))),
        ("j", Http("POST", "/j", headers=(kind,), body=b'{"a": [1, 2.5, true, null, "x", "y"]}'), Expectation(json=(("a.0", 1), ("b", "yes"), ("c", "1")))),
        ("up", Http("POST", "/u", files=(("f", "a.csv", "x\n"),), cookies=True, csrf="/form", repeat=3), Expectation()),
        ("hex", Http(body=b"\0\xff"), Expectation(gzip=True, png=(4, 2), magic=b"\x89PNG")),
        ("exec ls /", Exec(("ls", "/")), Expectation(exit=(0, 1), stdout=("a",), stderr=("b",), stdout_without=("c",), stderr_without=("d",))),
        ("exec a | b", Exec(("/bin/sh", "-c", "a | b"), (("A", "b"),), "app", b"hi"), Expectation()),
        ("run x", Run(("x",), (), stdin=b"in", read_only=True, tmpfs=("/t",), volume="/v"), Expectation()),
        ("redis PING", Redis(("PING",)), Expectation(reply=("PONG",))),
        ("raw GET / HTTP/1.0", Raw(b"GET / HTTP/1.0\r\n\r\n", 9, True), Expectation(reply=("^HTTP",))),
        ("logs ready", Logs("ready"), Expectation()),
        ("script ./check.sh", Script(Path("dir/check.sh").absolute()), Expectation()),
        ("file /etc/x", Files("/etc/x", True, 0o644, "-", 0, 5, "any"), Expectation(body=("a",), without=("b",))),
        ("file /gone", Files("/gone", exists=False), Expectation()),
    ]  # fmt: skip
    assert probes.checks[5].instance == "quiet"


def test_postgresql():
    text = """\
pg: {user: shop, password: s3cret}
instances: {db: {ready: pg}}
checks:
- {pg: select 1, in: db, expect: {rows: ^1$}}
- {pg: "select\\n 2", pg_login: {user: reader, password: x}, port: 99, expect: {error: [denied, x]}}
"""
    probes = parse_probes(text, "p")
    shop = Login("shop", "s3cret", "shop")
    assert probes.instances == {"db": Instance("db", ready="pg", login=shop)}
    assert [(probe.name, probe.action, probe.expect) for probe in probes.checks] == [
        ("pg select 1", Pg("select 1", shop), Expectation(rows=("^1$",))),
        ("pg select 2", Pg("select\n 2", Login("reader", "x", "shop"), 99), Expectation(error=("denied", "x"))),
    ]


def test_without_a_login_it_is_the_server_s_own_role():
    probes = parse_probes("checks: [{pg: select 1}]", "p")
    assert probes.checks[0].action == Pg("select 1", Login("postgres"))


def test_json_is_read_too():
    text = json.dumps(
        {"checks": [{"name": "smile", "http": "GET /", "expect": {"body": "\U0001f600\u00fc"}}]}, indent=1
    )
    assert parse_probes(text, "p.json").checks[0].expect.body == ("\U0001f600\u00fc",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p:1:1: it is empty"),
        ("[", "p:1:2: this is no YAML"),
        ("a: &x 1\nb: *x", "p:2:4: aliases are not supported"),
        ("[" * 500, "it is nested too deeply"),
        ("- a", "the probes is to be a map with about, port"),
        ("chekcs: []", "p:1:1: unknown key `chekcs` in the probes\n|hint: did you mean `checks`?"),
        ("port: 1\nport: 2", "p:2:1: `port` is there twice"),
        ("port: 99999", "p:1:7: `99999` is not a number from 1 to 65535"),
        ("pg: {usr: x}", "p:1:6: unknown key `usr` in the login|hint: did you mean `user`?"),
        ("pg: x", "the login is to be a map with user, password, database"),
        ("checks:\n- {pg: select 1, login: {}}", "p:2:18: unknown key `login` in a check of kind pg"),
        ("checks:\n- {pg: select 1, rows: '1'}", "unknown key `rows` in a check of kind pg|hint: it belongs into `expect`"),
        ("checks:\n- {pg: select 1, pg_login: {role: x}}", "unknown key `role` in the login"),
        ("checks:\n- {pg: select 1, expect: {reply: x}}", "unknown key `reply` in expect of pg"),
        ("checks:\n- {http: GET /, statsu: 1}", "p:2:17: unknown key `statsu` in a check of kind http"),
        ("checks:\n- {http: GET /, status: 200}", "unknown key `status` in a check of kind http|hint: it belongs into `expect`"),
        ("checks:\n- {name: x}", "p:2:3: the check does nothing|hint: known: http, exec"),
        ("checks:\n- {htpt: GET /}", "hint: did you mean `http`?"),
        ("checks:\n- {http: GET /, exec: ls}", "a check does one thing, not http and exec"),
        ("checks:\n- {http: /x -> 99}", "`99` is no status"),
        ("checks:\n- {http: /x -> 200, expect: {status: 200}}", "what to expect is said twice"),
        ("checks:\n- {http: 'GET x'}", "`x` is no path"),
        ("checks:\n- {http: 'GET /?u={tls}'}", "{tls} is not supported"),
        ("checks:\n- {run: [a, 'https://tls.test']}", "{tls} is not supported"),
        ("checks:\n- {run: [a], ca_mount: bundle}", "(ca_mount) are not supported"),
        ("instances: {a: {ca_mount: bundle}}", "(ca_mount) are not supported"),
        ("instances: {a: {ready: x}}", "`x` is neither a path, log:TEXT, redis nor pg"),
        ("instances: {a: {stop: {signal: 'a b'}}}", "`a b` is no signal such as SIGTERM"),
        ("checks:\n- {http: GET /, in: other}", "there is no instance `other`"),
        ("checks:\n- {http: GET /, expect: {body: '('}}", "this is no regular expression"),
        ("checks:\n- {http: GET /, expect: {status: 700}}", "`700` is no status such as 200 or 2xx"),
        ("checks:\n- {http: GET /, expect: {exit: 0}}", "unknown key `exit` in expect of http"),
        ("checks:\n- {exec: []}", "the command is empty"),
        ("checks:\n- {file: etc}", "`etc` is no absolute path"),
        ("checks:\n- {file: /x, mode: 9}", "`9` is not a number from 0 to 7777"),
        ("crawl: perhaps", "`perhaps` is neither true nor false"),
    ],
)  # fmt: skip
def test_errors_have_a_place(text, message):
    with pytest.raises(UsageError) as caught:
        parse_probes(text, "p")
    assert caught.value.message.startswith("cannot use probes: p:")
    for part in message.split("|"):
        assert part.strip() in caught.value.message


def test_a_script_is_a_probe(tmp_path):
    script = tmp_path / "check"
    script.write_text("#!/bin/sh\nexit 0\n")
    assert load_probes(script).checks == (Probe("check", Script(script), where=str(script)),)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        load_probes(tmp_path / "none")
    (tmp_path / "bad").write_bytes(b"a: \xff")
    with pytest.raises(UsageError, match="it is not UTF-8"):
        load_probes(tmp_path / "bad")
