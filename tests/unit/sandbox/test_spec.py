"""A process as plain data, and the command that does it again."""

import json
from pathlib import Path

import pytest

from lissom.errors import UsageError
from lissom.sandbox import capabilities
from lissom.sandbox.forward import Published
from lissom.sandbox.mounts import FileMount, Limits, Tmpfs
from lissom.sandbox.process import Process, replay
from lissom.sandbox.spec import describe


def process(**fields):
    return Process(("true",), {"A": "1", "TOKEN": "hush"}, (Path("/layers/1"),), **fields)


def test_replay_hides_secrets():
    said = replay(process(mounts=(FileMount("/run/secrets/k", b"topsecret"),), hidden=frozenset({"TOKEN"})))
    assert "hush" not in said
    assert "dG9wc2VjcmV0" not in said
    spec = json.loads(said.splitlines()[1])
    assert spec["env"] == {"A": "1", "TOKEN": ""}


def test_mounts_are_sorted_by_depth_and_hosts_are_there():
    spec = describe(process(mounts=(Tmpfs("/a/b/c"), Tmpfs("/a")), hosts=(("db", "10.0.0.1"),), hostname="h"))
    assert [m["target"] for m in spec["mounts"]] == ["/a", "/etc/hosts", "/etc/resolv.conf", "/a/b/c"]


def test_docker_default_capabilities():
    assert capabilities.mask(capabilities.DEFAULT) == 0xA80425FB
    with pytest.raises(UsageError, match="cannot grant capability `NOPE`"):
        capabilities.mask(["NOPE"])


def test_limits():
    assert Limits.parse(("nofile=1:2", "core=0")).values == (("core", 0, 0), ("nofile", 1, 2))
    for word in ("nofile", "nofile=x", "pies=1"):
        with pytest.raises(UsageError):
            Limits.parse((word,))


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("80", Published(80, 80)),
        ("8080:80", Published(8080, 80)),
        ("127.0.0.1:8080:80/tcp", Published(8080, 80, "127.0.0.1")),
        ("[::1]:8080:80", Published(8080, 80, "::1")),
    ],
)
def test_published_ports(text, published):
    assert Published.parse(text) == published


@pytest.mark.parametrize("text", ["80/udp", "a:80", "80:", "70000", ""])
def test_unusable_ports(text):
    with pytest.raises(UsageError):
        Published.parse(text)
