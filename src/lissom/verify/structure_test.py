"""container-structure-test's file (schema 2.0.0) as probes."""

from __future__ import annotations

import re

import yaml

from lissom.verify.document import Document, Map
from lissom.verify.expect_reader import exits
from lissom.verify.expectation import Expectation
from lissom.verify.probe import Config, Files, Probe, Probes, Run, Wanted

__all__ = ["read_structure_test"]

_TOP = (
    "schemaVersion", "globalEnvVars", "commandTests", "fileExistenceTests", "fileContentTests", "metadataTest",
    "licenseTests", "containerRunOptions",
)  # fmt: skip
_COMMAND = (
    "name", "setup", "teardown", "command", "args", "envVars", "expectedOutput", "excludedOutput", "expectedError",
    "excludedError", "exitCode",
)  # fmt: skip
_EXISTENCE = ("name", "path", "shouldExist", "permissions", "uid", "gid", "isExecutableBy")
_CONTENT = ("name", "path", "expectedContents", "excludedContents")
_METADATA = (
    "envVars", "env", "unboundEnvVars", "labels", "exposedPorts", "unexposedPorts", "volumes", "unmountedVolumes",
    "entrypoint", "cmd", "workdir", "user",
)  # fmt: skip
_PAIR = ("key", "value", "isRegex")
_PERMISSIONS = re.compile(r"[-dlcbp]([r-][w-][xsS-]){2}[r-][w-][xtT-]")


def read_structure_test(document: Document) -> Probes:
    """The probes of a file for container-structure-test. Raises DockerfileError for what is not supported."""
    assert document.root is not None
    top = document.map(document.root, _TOP, "the structure test")
    version = top.need("schemaVersion", document.text)
    if version != "2.0.0":
        document.fail(top.nodes["schemaVersion"], f"schema version {version} is not supported, 2.0.0 is")
    for name in ("licenseTests", "containerRunOptions"):
        if name in top:
            document.fail(top.keys[name], f"{name} is not supported")
    reader = _Reader(document, top)
    return Probes.of(*reader.commands(), *reader.existence(), *reader.contents(), *reader.metadata())


class _Reader:
    def __init__(self, document: Document, top: Map) -> None:
        self._document = document
        self._top = top
        self._env = top.get("globalEnvVars", self._variables, ())

    def commands(self) -> tuple[Probe, ...]:
        return self._top.get("commandTests", lambda node: self._document.each(node, self._command), ())

    def existence(self) -> tuple[Probe, ...]:
        return self._top.get("fileExistenceTests", lambda node: self._document.each(node, self._existence), ())

    def contents(self) -> tuple[Probe, ...]:
        return self._top.get("fileContentTests", lambda node: self._document.each(node, self._content), ())

    def metadata(self) -> tuple[Probe, ...]:
        return self._top.get("metadataTest", lambda node: (self._metadata(node),), ())

    def _command(self, node: yaml.Node) -> Probe:
        document = self._document
        found = document.map(node, _COMMAND, "a command test")
        argv = (found.need("command", document.text), *found.get("args", document.words, ()))
        env = (*self._env, *found.get("envVars", self._variables, ()))
        before = found.get("setup", lambda value: document.each(value, document.words), ())
        # What a teardown cleans up is thrown away with the container.
        expect = Expectation(
            exit=found.get("exitCode", lambda value: exits(document, value), ()),
            stdout=found.get("expectedOutput", document.patterns, ()),
            stdout_without=found.get("excludedOutput", document.patterns, ()),
            stderr=found.get("expectedError", document.patterns, ()),
            stderr_without=found.get("excludedError", document.patterns, ()),
        )
        return self._probe(found, Run(argv, (), env, before=before), expect)

    def _existence(self, node: yaml.Node) -> Probe:
        document = self._document
        found = document.map(node, _EXISTENCE, "a file existence test")
        text = found.get("permissions", document.text, "")
        if text and not _PERMISSIONS.fullmatch(text):
            document.fail(found.nodes["permissions"], f"`{text}` is no permissions such as -rw-r--r--")
        action = Files(
            found.need("path", self._path),
            found.get("shouldExist", document.flag, default=True),
            _mode(text) if text else None,
            text[:1],
            found.get("uid", lambda value: document.number(value, 0, 2**32 - 2), None),
            found.get("gid", lambda value: document.number(value, 0, 2**32 - 2), None),
            found.get("isExecutableBy", self._who, ""),
        )
        return self._probe(found, action, Expectation())

    def _content(self, node: yaml.Node) -> Probe:
        document = self._document
        found = document.map(node, _CONTENT, "a file content test")
        expect = Expectation(
            body=found.get("expectedContents", document.patterns, ()),
            without=found.get("excludedContents", document.patterns, ()),
        )
        return self._probe(found, Files(found.need("path", self._path)), expect)

    def _metadata(self, node: yaml.Node) -> Probe:
        document = self._document
        found = document.map(node, _METADATA, "the metadata test")
        wanted: list[Wanted] = []
        for name, setting in (("envVars", "env"), ("env", "env"), ("labels", "labels")):
            wanted += found.get(name, lambda value, s=setting: document.each(value, lambda one: self._pair(s, one)), ())  # type: ignore[misc]
        for name, setting, absent in (
            ("exposedPorts", "ports", False),
            ("unexposedPorts", "ports", True),
            ("volumes", "volumes", False),
            ("unmountedVolumes", "volumes", True),
        ):
            wanted += [Wanted(setting, key, absent=absent) for key in found.get(name, document.words, ())]
        wanted += [
            Wanted("env", self._pair("env", one).key, absent=True)
            for one in (found.nodes["unboundEnvVars"].value if "unboundEnvVars" in found else ())
        ]
        for name in ("entrypoint", "cmd"):
            if name in found:
                wanted.append(Wanted(name, values=document.words(found.nodes[name])))
        for name in ("workdir", "user"):
            if name in found:
                wanted.append(Wanted(name, values=(document.text(found.nodes[name]),)))
        return Probe("metadata", Config(tuple(wanted)), where=document.place(node))

    def _pair(self, setting: str, node: yaml.Node) -> Wanted:
        document = self._document
        found = document.map(node, _PAIR, "a pair")
        pattern = found.get("isRegex", document.flag, default=False)
        value = found.get("value", document.pattern if pattern else document.text, "")
        return Wanted(setting, found.need("key", document.text), (value,), pattern)

    def _variables(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        wanted = self._document.each(node, lambda one: self._pair("env", one))
        return tuple((one.key, one.values[0]) for one in wanted)

    def _path(self, node: yaml.Node) -> str:
        text = self._document.text(node)
        return text if text.startswith("/") else f"/{text}"

    def _who(self, node: yaml.Node) -> str:
        text = self._document.text(node)
        if text not in ("owner", "group", "other", "any"):
            self._document.fail(node, f"`{text}` is not one of owner, group, other, any")
        return text

    def _probe(self, found: Map, action: Run | Files, expect: Expectation) -> Probe:
        return Probe(found.need("name", self._document.text), action, expect, where=self._document.place(found.node))


def _mode(text: str) -> int:
    """The twelve bits that ``ls -l`` shows as ``-rwsr-xr-x``."""
    bits = 0
    for number, mark in enumerate(text[1:]):
        if mark in "rwxst":
            bits |= 1 << (8 - number)
        if mark in "sS":
            bits |= 0o4000 if number == 2 else 0o2000
        if mark in "tT":
            bits |= 0o1000
    return bits
