"""The probes file: YAML (or JSON) of our own schema, container-structure-test's, or a script."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from lissom.errors import DockerfileError, UsageError
from lissom.verify.check_reader import read_check, read_login
from lissom.verify.document import Document
from lissom.verify.expect_reader import exits
from lissom.verify.login import Login
from lissom.verify.probe import DEFAULT, Instance, Probe, Probes, Script, Stop
from lissom.verify.structure_test import read_structure_test

__all__ = ["INSTANCE", "STOP", "load_probes", "parse_probes"]

_LARGEST = 4 << 20
_TOP = ("about", "port", "instances", "checks", "crawl", "pg")
INSTANCE = (
    "env", "user", "args", "entrypoint", "read_only", "tmpfs", "volume", "port", "ready", "ready_timeout", "stop",
    "ca_mount",
)  # fmt: skip
STOP = ("signal", "within", "exit", "log")


def load_probes(path: Path) -> Probes:
    """The probes in a file. One that is executable or begins with ``#!`` is a script: a probe by itself.

    Raises UsageError with file, line, excerpt and caret.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read probes `{path}`: {error.strerror}") from error
    if data.startswith(b"#!") or os.access(path, os.X_OK):
        return Probes.of(Probe(path.name, Script(path.absolute()), where=str(path)))
    try:
        return parse_probes(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read probes `{path}`: it is not UTF-8") from error


def parse_probes(text: str, name: str) -> Probes:
    """The probes in a text; ``name`` is what errors call it. Raises UsageError."""
    try:
        document = Document(name, text)
        root = document.root
        assert root is not None
        if isinstance(root, yaml.MappingNode) and any(key.value == "schemaVersion" for key, _ in root.value):
            return read_structure_test(document)
        return _read(document)
    except DockerfileError as error:
        raise UsageError(f"cannot use probes: {error.message}", hint=error.hint) from None


def _read(document: Document) -> Probes:
    assert document.root is not None
    top = document.map(document.root, _TOP, "the probes")
    login = top.get("pg", lambda node: read_login(document, node, Login()), Login())
    known: dict[str, Instance] = {}
    if "instances" in top:
        node = top.nodes["instances"]
        if not isinstance(node, yaml.MappingNode):
            document.fail(node, "this is to be a map of names to instances")
        for key, value in node.value:
            name = document.text(key)
            known[name] = _read_instance(document, name, value, login)
    checks = top.get("checks", lambda node: document.each(node, lambda item: read_check(document, item, login)), ())
    for probe, node in zip(checks, top.nodes["checks"].value if "checks" in top else (), strict=True):
        if probe.needs_instance and probe.instance not in known and probe.instance != DEFAULT:
            document.fail(node, f"there is no instance `{probe.instance}`", f"known: {', '.join((DEFAULT, *known))}")
    found = Probes.of(*checks, crawl=top.get("crawl", document.flag, default=False))
    return Probes(found.checks, top.get("port", document.port, None), known, found.crawl)


def _read_instance(document: Document, name: str, node: yaml.Node, login: Login) -> Instance:
    found = document.map(node, INSTANCE, f"instance `{name}`")
    if "ca_mount" in found:
        document.fail(
            found.keys["ca_mount"],
            "certificates of a test authority (ca_mount) are not supported",
            "leave the checks out that need it, or test TLS by a script",
        )
    ready = found.get("ready", document.text, "")
    if ready and not (ready.startswith(("/", "log:")) or ready in ("redis", "pg")):
        document.fail(found.nodes["ready"], f"`{ready}` is neither a path, log:TEXT, redis nor pg")
    return Instance(
        name,
        found.get("env", document.pairs, ()),
        found.get("user", document.text, None),
        found.get("args", document.words, ()),
        found.get("entrypoint", document.words, None),
        found.get("read_only", document.flag, default=False),
        found.get("tmpfs", document.either, ()),
        found.get("volume", document.text, ""),
        found.get("port", document.port, None),
        ready,
        found.get("ready_timeout", document.seconds, 60),
        found.get("stop", lambda value: _read_stop(document, value), None),
        login,
    )


def _read_stop(document: Document, node: yaml.Node) -> Stop:
    found = document.map(node, STOP, "stop")
    signal = found.get("signal", document.text, "")
    if signal and not re.fullmatch(r"(?:SIG)?[A-Z0-9+]{2,12}|\d{1,2}", signal):
        document.fail(found.nodes["signal"], f"`{signal}` is no signal such as SIGTERM")
    plain = Stop()
    return Stop(
        signal,
        found.get("within", document.seconds, plain.within),
        found.get("exit", lambda value: exits(document, value), plain.exit),
        found.get("log", document.pattern, ""),
    )
