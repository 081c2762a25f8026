"""What an attacker would find."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from lissom.analysis.rights import Account, account_of
from lissom.analysis.surface import Secret, Surface, surface
from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.tree import Changeset, Tree
from memory_images import a_directory, a_file, a_link

KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gt\n"


@dataclass(frozen=True)
class OnePackage:
    kind: str


@dataclass(frozen=True)
class SomePackages:
    """Owns all that lies below usr/lib/owned."""

    all: tuple[OnePackage, ...] = (OnePackage("deb"), OnePackage("deb"), OnePackage("python"))

    def owner(self, path: str) -> OnePackage | None:
        return self.all[0] if path.startswith("usr/lib/owned") else None


def tree_of(*entries: Entry) -> Tree:
    return Tree({entry.path: entry for entry in entries})


def found(*entries: Entry, layers=(), history=(), **config) -> Surface:
    return surface(tree_of(*entries), config, SomePackages(), layers=layers, history=history)


def program(path: str, **fields) -> Entry:
    return a_file(path, b"x", **{"mode": 0o755, **fields})


def test_programs_are_found_by_name_once() -> None:
    seen = found(
        a_link("bin", "usr/bin"),
        program("usr/bin/dash"),
        a_link("usr/bin/sh", "dash"),
        program("usr/bin/python3.11"),
        a_link("usr/bin/python3", "python3.11"),
        program("usr/lib/npm/npm-cli.js"),
        a_link("usr/local/bin/npm", "../../lib/npm/npm-cli.js"),
        program("usr/bin/x86_64-linux-gnu-gcc-12"),
        program("usr/bin/curl"),
        program("opt/tool/wget"),
        program("usr/share/sh"),
        a_file("usr/bin/bash", b"", mode=0o644),
        a_link("usr/bin/zsh", "/loop"),
        a_link("loop", "loop"),
        program("usr/bin/perldoc"),
        Env=["PATH=/bin:/opt/tool"],
    )
    assert seen.shells == ("usr/bin/dash",)
    assert seen.interpreters == ("usr/bin/python3.11",)
    assert seen.package_managers == ("usr/local/bin/npm",)
    assert seen.compilers == ("usr/bin/x86_64-linux-gnu-gcc-12",)
    assert seen.network_tools == ("opt/tool/wget", "usr/bin/curl")


def test_a_busybox_is_one_program_of_several_groups() -> None:
    links = [a_link(f"bin/{name}", "busybox") for name in ("sh", "wget", "nc", "ash")]
    seen = found(program("bin/busybox"), *links)
    assert (seen.shells, seen.network_tools) == (("bin/busybox",), ("bin/busybox",))


def test_rights() -> None:
    raw = b"\x01\x00\x00\x02" + (1 << 13).to_bytes(4, "little") + bytes(12)
    seen = found(
        program("usr/bin/su", mode=0o4755),
        program("usr/bin/wall", mode=0o2755),
        a_directory("var/mail", mode=0o2775),
        program("usr/bin/ping", xattrs={"security.capability": raw}),
        program("usr/bin/odd", xattrs={"security.capability": b"\0"}),
        a_directory("tmp", mode=0o1777),
        a_file("etc/open", b"", mode=0o666),
        a_link("etc/link", "open"),
        Entry("dev/null", Kind.CHARACTER, 0o666),
    )
    assert seen.setuid == ("usr/bin/su",)
    assert seen.setgid == ("usr/bin/wall",)
    assert seen.capabilities == ("usr/bin/odd cap_?", "usr/bin/ping cap_net_raw")
    assert seen.world_writable == ("etc/open", "tmp")
    assert (seen.root, seen.user_writable) == (True, ())


def test_what_the_user_may_write_is_told_by_its_topmost_directories() -> None:
    seen = found(
        a_file("etc/passwd", b"app:x:1000:1001::/app:\n"),
        a_file("etc/group", b"app:x:1001:\nmedia:x:50:other,app\n"),
        a_directory("app", uid=1000),
        a_file("app/a", b"", uid=1000),
        a_directory("srv", gid=50, mode=0o775),
        a_directory("opt", gid=50, mode=0o755),
        a_directory("srv/sub", uid=0),
        a_file("srv/sub/b", b"", uid=1000),
        User="app",
        ExposedPorts={"80/tcp": {}},
    )
    assert (seen.user, seen.root, seen.ports) == ("app", False, ("80/tcp",))
    assert seen.user_writable == ("app", "srv", "srv/sub/b")
    assert seen.packages == {"deb": 2, "python": 1}


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ("", Account(0, frozenset({0}))),
        ("0:5", Account(0, frozenset({5}))),
        ("7", Account(7, frozenset({0}))),
        ("app", Account(1000, frozenset({1001, 50}))),
        ("1000", Account(1000, frozenset({1001, 50}))),
        ("app:media", Account(1000, frozenset({50}))),
        ("nobody", Account(None, frozenset())),
        ("999999999999999999", Account(None, frozenset())),
    ],
)
def test_users_are_found_without_failing(user: str, account: Account) -> None:
    tree = tree_of(
        a_file("etc/passwd", b"broken\n\xff::\napp:x:1000:1001::/app:\n"), a_file("etc/group", b"media:x:50:app\n:\n")
    )
    assert account_of(tree, user) == account


def test_hostile_links_in_the_place_of_passwd() -> None:
    assert account_of(tree_of(a_link("etc", "etc")), "app").uid is None


@pytest.mark.parametrize(
    ("path", "data", "what"),
    [
        ("root/.ssh/id_ed25519", b"x", "ssh private key"),
        ("app/.env", b"A=1", "environment file"),
        ("app/.env.production", b"A=1", "environment file"),
        ("app/.env.example", b"A=1", None),
        ("app/server.key", KEY, "private key"),
        ("app/config.py", b"KEY = 'AKIAABCDEFGHIJKLMNOP'", "AWS access key"),
        ("app/config.py", b"KEY = 'AKIAIOSFODNN7EXAMPLE'", None),
        ("app/.npmrc", b"//registry.npmjs.org/:_authToken=0123456789abcdef0123", "npm token"),
        ("etc/pip.conf", b"index-url = https://user:hunter2@pypi.example/simple", "password in an address"),
        ("etc/pip.conf", b"index-url = https://${USER}:${PASS}@pypi.example/simple", None),
        ("etc/plain.conf", b"url = https://example.org:8080/a@b", None),
        ("app/node_modules/x/key.pem", KEY, None),
        ("app/tests/key.pem", KEY, None),
        ("usr/lib/owned/key.pem", KEY, None),
        ("app/binary", b"\0" + KEY, None),
        ("app/empty/.env", b"", None),
        ("app/cert.pem", b"-----BEGIN CERTIFICATE-----\n" + b"A" * 64, None),
        ("app/code.py", b'if line == "-----BEGIN PRIVATE KEY-----":\n    pass', None),
    ],
)
def test_secrets(path: str, data: bytes, what: str | None) -> None:
    assert [secret.what for secret in found(a_file(path, data)).secrets] == ([what] if what else [])


def test_a_repository_is_one_finding() -> None:
    seen = found(a_file("app/.git/HEAD", b"ref: x"), a_file("app/.git/config", b"x"))
    assert seen.secrets == (Secret("app/.git", "git repository", 1),)


def test_secrets_of_lower_layers_are_found_also_where_they_are_hidden() -> None:
    layers = [
        Changeset.of([a_file("app/.env", b"A=1"), a_file("id_rsa", b"one"), a_file("b.key", KEY)]),
        Changeset.of([a_file("id_rsa", b"two")], whiteouts=["app/.env"]),
    ]
    tree = Tree().apply(layers[0]).apply(layers[1])
    assert surface(tree, {}, SomePackages(), layers=layers).secrets == (
        Secret("app/.env", "environment file", 1, hidden=True),
        Secret("b.key", "private key", 1),
        Secret("id_rsa", "ssh private key", 2),
    )


def test_secrets_of_config_and_history() -> None:
    seen = found(
        Env=["DB_PASSWORD=hunter2", "PASSWORD_FILE=/run/x", "API_TOKEN=", "URL=https://a:bcd@host", "MONKEY=1"],
        Labels={"k": "ghp_" + "a" * 36},
        history=[{"created_by": "RUN echo " + "AKIAABCDEFGHIJKLMNOP"}],
    )
    assert [secret.what for secret in seen.secrets] == [
        "variable DB_PASSWORD", "variable URL (password in an address)", "label k (GitHub token)",
        "step 1 of the history (AWS access key)",
    ]  # fmt: skip


def test_unreadable_content_is_passed_over() -> None:
    class Broken:
        def open(self):
            raise IntegrityError("cannot read")

    assert found(replace(a_file("app/conf", b"x"), content=Broken())).secrets == ()


def test_a_surface_survives_json() -> None:
    seen = found(program("usr/bin/dash", mode=0o6777), a_file("app/.env", b"1"), User="app", Env=["A_SECRET=1"])
    assert Surface.parse(json.loads(json.dumps(seen.to_json()))) == seen
    with pytest.raises(IntegrityError, match="cannot read a surface"):
        Surface.parse({**seen.to_json(), "shells": "sh"})
