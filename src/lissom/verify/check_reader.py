"""One check of a probes file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from lissom.dockerfile.fault import nearest
from lissom.errors import UsageError
from lissom.verify.document import Document, Map
from lissom.verify.expect_reader import EXPECTED, read_expectation
from lissom.verify.expectation import Expectation
from lissom.verify.login import Login
from lissom.verify.probe import DEFAULT, Action, Exec, Files, Http, Logs, Pg, Probe, Raw, Redis, Run, Script
from lissom.verify.words import parse_exec, parse_http

__all__ = ["KEYS", "read_check", "read_login"]

_ALWAYS = ("name", "in", "expect", "about")
KEYS: dict[str, tuple[str, ...]] = {
    "http": ("headers", "form", "json", "files", "body", "body_hex", "cookies", "csrf", "follow", "repeat", "port"),
    "exec": ("env", "user", "stdin"),
    "run": ("stdin", "env", "user", "entrypoint", "read_only", "tmpfs", "volume", "ca_mount"),
    "redis": ("port",),
    "pg": ("pg_login", "port"),
    "raw": ("port", "half_close"),
    "logs": (),
    "script": (),
    "file": ("exists", "mode", "uid", "gid", "type", "executable"),
}
_TLS = re.compile(r"\{tls\}|tls\.test")


def read_check(document: Document, node: yaml.Node, login: Login) -> Probe:
    """A check: one action, what belongs to it, and what to expect. Raises DockerfileError."""
    kind = _kind(document, node)
    known, what = (*_ALWAYS, kind, *KEYS[kind]), f"a check of kind {kind}"
    for key, _ in node.value:
        if key.value not in known and key.value in EXPECTED.get(kind, ()):
            document.fail(key, f"unknown key `{key.value}` in {what}", "it belongs into `expect`")
    found = document.map(node, known, what)
    _refuse(document, found, kind)
    reader = _Reader(document, found, login)
    action, expect = getattr(reader, f"read_{kind}")()
    name = found.get("name", document.text, "") or reader.name(kind)
    if "expect" in found:
        said = read_expectation(document, found.nodes["expect"], kind)
        expect = said if expect == Expectation() else _both(document, found)
    return Probe(name, action, expect, found.get("in", document.text, DEFAULT), document.place(node))


def read_login(document: Document, node: yaml.Node, login: Login) -> Login:
    """What a file says of whom to be for PostgreSQL; the rest as in ``login``. Raises DockerfileError."""
    found = document.map(node, ("user", "password", "database"), "the login")
    user = found.get("user", document.text, login.user)
    password = found.get("password", document.text, login.password)
    return Login(user, password, found.get("database", document.text, login.database or user))


def _kind(document: Document, node: yaml.Node) -> str:
    if not isinstance(node, yaml.MappingNode):
        document.fail(node, "a check is to be a map with one of " + ", ".join(KEYS))
    names = [document.text(key) for key, _ in node.value]
    kinds = [name for name in names if name in KEYS]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        document.fail(node, f"a check does one thing, not {' and '.join(kinds)}")
    near = next((guess for name in names if name not in _ALWAYS and (guess := nearest(name, KEYS))), None)
    hint = f"did you mean `{near}`?" if near else f"known: {', '.join(KEYS)}"
    return document.fail(node, "the check does nothing", hint)


def _refuse(document: Document, found: Map, kind: str) -> None:
    if "ca_mount" in found:
        document.fail(found.keys["ca_mount"], "certificates of a test authority (ca_mount) are not supported")
    value = found.nodes[kind]
    texts = [value] if isinstance(value, yaml.ScalarNode) else list(value.value)
    if any(isinstance(one, yaml.ScalarNode) and _TLS.search(one.value) for one in texts):
        document.fail(value, "there is no TLS server for the container to speak to: {tls} is not supported")


def _both(document: Document, found: Map) -> Expectation:
    document.fail(found.keys["expect"], "what to expect is said twice: behind -> and in expect")


class _Reader:
    """Reads the action of one check; each ``read_KIND`` gives it and what it says about the answer."""

    def __init__(self, document: Document, found: Map, login: Login) -> None:
        self._document = document
        self._found = found
        self._login = login

    def name(self, kind: str) -> str:
        """What a check without a name is called."""
        node = self._found.nodes[kind]
        text = self._document.text(node) if isinstance(node, yaml.ScalarNode) else " ".join(self._document.words(node))
        words = " ".join(text.split())
        return f"{'' if kind == 'http' else f'{kind} '}{words}"[:120].strip() or kind

    def read_http(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        text = document.text(found.nodes["http"])
        line = self._line(parse_http, text) if " ->" in text else None
        if line is not None and isinstance(line.action, Http):
            request, expect = line.action, line.expect
        else:
            method, space, path = text.partition(" ")
            if not space or not re.fullmatch(r"[A-Z]{2,12}", method):
                method, path = "GET", text
            if not path.startswith("/"):
                document.fail(found.nodes["http"], f"`{path}` is no path", "write it like this: GET /path")
            request, expect = Http(method, path), Expectation()
        headers = (*request.headers, *found.get("headers", document.pairs, ()))
        body = found.get("body", lambda node: document.text(node).encode(), request.body)
        body = found.get("body_hex", self._hex, body)
        if "json" in found:
            body = json.dumps(document.value(found.nodes["json"])).encode()
            headers = (*headers, ("Content-Type", "application/json"))
        action = Http(
            request.method,
            request.path,
            found.get("port", document.port, request.port),
            headers,
            (*request.form, *found.get("form", document.pairs, ())),
            body,
            found.get("files", self._files, ()),
            found.get("cookies", document.flag, default=False),
            found.get("csrf", document.text, ""),
            found.get("follow", document.flag, default=request.follow),
            found.get("repeat", lambda node: document.number(node, 1, 1000), 1),
        )
        return action, expect

    def read_exec(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        node = found.nodes["exec"]
        if isinstance(node, yaml.SequenceNode):
            argv = document.words(node)
        else:
            line = self._line(parse_exec, document.text(node))
            argv = line.action.argv if isinstance(line.action, Exec) else ()
        if not argv or not argv[0]:
            document.fail(node, "the command is empty")
        return Exec(argv, self._env(), found.get("user", document.text, None), self._stdin()), Expectation()

    def read_run(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        action = Run(
            document.words(found.nodes["run"]),
            found.get("entrypoint", document.words, None),
            self._env(),
            found.get("user", document.text, None),
            self._stdin(),
            found.get("read_only", document.flag, default=False),
            found.get("tmpfs", document.either, ()),
            found.get("volume", document.text, ""),
        )
        return action, Expectation()

    def read_redis(self) -> tuple[Action, Expectation]:
        node = self._found.nodes["redis"]
        words = self._document.words(node)
        if not words:
            self._document.fail(node, "the command is empty")
        return Redis(words, self._found.get("port", self._document.port, None)), Expectation()

    def read_pg(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        login = found.get("pg_login", lambda node: read_login(document, node, self._login), self._login)
        return Pg(document.text(found.nodes["pg"]), login, found.get("port", document.port, None)), Expectation()

    def read_raw(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        data = document.text(found.nodes["raw"]).encode()
        half_close = found.get("half_close", document.flag, default=False)
        return Raw(data, found.get("port", document.port, None), half_close), Expectation()

    def read_logs(self) -> tuple[Action, Expectation]:
        return Logs(self._document.pattern(self._found.nodes["logs"])), Expectation()

    def read_script(self) -> tuple[Action, Expectation]:
        path = Path(self._document.text(self._found.nodes["script"]))
        return Script(Path(self._document.source.name).parent.absolute() / path), Expectation()

    def read_file(self) -> tuple[Action, Expectation]:
        document, found = self._document, self._found
        path = document.text(found.nodes["file"])
        if not path.startswith("/"):
            document.fail(found.nodes["file"], f"`{path}` is no absolute path")
        kinds = {"file": "-", "directory": "d", "symlink": "l"}
        action = Files(
            path,
            found.get("exists", document.flag, default=True),
            found.get("mode", lambda node: document.number(node, 0, 0o7777, base=8), None),
            kinds[found.get("type", lambda node: self._word(node, kinds), "file")] if "type" in found else "",
            found.get("uid", lambda node: document.number(node, 0, 2**32 - 2), None),
            found.get("gid", lambda node: document.number(node, 0, 2**32 - 2), None),
            found.get("executable", lambda node: self._word(node, ("owner", "group", "other", "any")), ""),
        )
        return action, Expectation()

    def _word(self, node: yaml.Node, known: Iterable[str]) -> str:
        text, words = self._document.text(node), tuple(known)
        if text not in words:
            self._document.fail(node, f"`{text}` is not one of {', '.join(words)}")
        return text

    def _env(self) -> tuple[tuple[str, str], ...]:
        return self._found.get("env", self._document.pairs, ())

    def _stdin(self) -> bytes:
        return self._found.get("stdin", lambda node: self._document.text(node).encode(), b"")

    def _hex(self, node: yaml.Node) -> bytes:
        try:
            return bytes.fromhex(self._document.text(node))
        except ValueError:
            self._document.fail(node, "this is not hexadecimal")

    def _files(self, node: yaml.Node) -> tuple[tuple[str, str, str], ...]:
        """``{FIELD: [FILE NAME, CONTENT]}``."""
        document = self._document
        if not isinstance(node, yaml.MappingNode):
            document.fail(node, "this is to be a map of fields to [FILE NAME, CONTENT]")
        found = []
        for key, value in node.value:
            words = document.words(value)
            if len(words) != 2:
                document.fail(value, "a file is [FILE NAME, CONTENT]")
            found.append((document.text(key), *words))
        return tuple(found)

    def _line(self, parse: Callable[[str], Probe], text: str) -> Probe:
        try:
            return parse(text)
        except UsageError as error:
            kind = "http" if "http" in self._found else "exec"
            cause = error.message.partition(": ")[2].partition("\n")[0]
            self._document.fail(self._found.nodes[kind], cause, error.hint)
