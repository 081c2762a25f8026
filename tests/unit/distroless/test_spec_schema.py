"""The schema and the reader say the same, and both are what the documents show."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lissom.distroless.spec.file import parse
from lissom.distroless.spec.include import READY, ready_specs
from lissom.distroless.spec.schema import schema
from lissom.distroless.spec.settings import SETTINGS
from lissom.distroless.spec.trims import TRIMS
from lissom.errors import UsageError

SCHEMA = json.loads(schema())


class CoreLoader(yaml.SafeLoader):
    """YAML as editors read it: without dates, which JSON does not have."""


CoreLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith((":timestamp", ":value"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def faults(text: str) -> list[Any]:
    return list(Draft202012Validator(SCHEMA).iter_errors(yaml.load(text, CoreLoader)))


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_setting_is_in_both():
    assert set(SCHEMA["$defs"]["settings"]["properties"]) == set(SETTINGS)
    assert set(SCHEMA["properties"]) == {"include", "variants"}


def test_every_trim_is_in_it():
    assert SCHEMA["$defs"]["settings"]["properties"]["trim"]["items"]["enum"] == list(TRIMS)


@pytest.mark.parametrize("name", ready_specs())
def test_ready_specs_are_valid(name):
    assert not faults((READY / f"{name}.yaml").read_text())


GOOD = [
    "{}",
    "include: base",
    "include: [base, static]",
    "snapshot: 2026-11-01",
    "snapshot: 20261101",
    "packages: [a1, a2=1:2.0-3~x, libc6: [libs, /etc/**]]",
    "files: {/a: 1, /b/c: {text: x, mode: '0600', uid: 0, gid: '7'}}",
    "directories: {/a: 755, /b: '1777', /c: {}, /..d: {mode: 700}}",
    "links: {/a: ../b}",
    "users: [{name: app, uid: 1000, home: /home/app, shell: /bin/sh}]",
    "users: [{name: app, uid: 1000, groups: [staff, data]}]",
    "user: 65532",
    "user: app:www",
    "env: {A: yes, B: 1, C: '', D: 1.5}",
    "sources: [deb https://archive.example/debian bookworm main contrib]",
    "java: {modules: [java.base], compress: 2}",
    "layers: 127",
    "variants: {debug: {debug: true}, nonroot-2: {user: 65532, name: x/y}}",
    "bootstrap: essential",
    "trim: [docs, gconv]",
]


@pytest.mark.parametrize("text", GOOD)
def test_both_take(text):
    parse(text, "x.yaml")
    assert not faults(text)


BAD = [
    "package: [a1]",
    "packages: a1",
    "packages: [A]",
    "packages: [a1=]",
    "packages: [{a1: [/x], a2: [/x]}]",
    "packages: [{a1: []}]",
    "packages: [{a1: /x}]",
    "without: [-x]",
    "include: {a: b}",
    "bootstrap: big",
    "configure: 1",
    "debug: 'on'",
    "trim: [everything]",
    "exclude: [usr/*]",
    "sources: [deb-src https://archive.example/debian bookworm main]",
    "snapshot: [2026]",
    "architectures: [AMD64]",
    "java: {module: [x]}",
    "java: {modules: [x], compress: 3}",
    "users: [{name: app}]",
    "users: [{name: App, uid: 1}]",
    "users: [{name: app, uid: 1, groups: [A]}]",
    "users: [{name: app, uid: -1}]",
    "users: [{name: app, uid: 4294967295}]",
    "users: [{name: app, uid: 1, home: 'x'}]",
    "groups: [{name: app, gid: 1, uid: 1}]",
    "files: {a: x}",
    "files: {/a/../b: x}",
    "files: {/a/./b: x}",
    "files: {/a//b: x}",
    "files: {/a/: x}",
    "files: {/a: {mode: 644}}",
    "files: {/a: {text: x, source: y}}",
    "directories: {/a: '888'}",
    "directories: {/a: {size: 1}}",
    "entrypoint: app",
    "env: [A=b]",
    "env: {A=B: c}",
    "env: {A: [b]}",
    "workdir: app",
    "user: ':app'",
    "layers: 0",
    "layers: 128",
    "variants: {Debug: {}}",
    "variants: {debug: {include: base}}",
    "variants: {debug: {variants: {}}}",
    "- a",
]


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(text):
    assert faults(text)
    with pytest.raises(UsageError):
        parse(text, "x.yaml")
