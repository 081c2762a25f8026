"""What of jlink's result takes the place of the JDK."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from java_files import HOME, jdk
from lissom.errors import SandboxError
from lissom.rootfs.ownership import Ownership
from lissom.slim import jlink
from lissom.slim.runtime import Runtime
from rule_scenes import tree_of

RUNTIME = Runtime(HOME, 17, {"java.base": "x"}, patterns=("regex:/a/b",), libraries=frozenset({"libjava.so"}))
MADE = {
    "bin/java": b"another java",
    "bin/keytool": b"keytool",
    "conf/net.properties": b"copied",
    "conf/sdp/template": b"not in the image",
    "lib/modules": b"few modules",
    "lib/libjava.so": b"another",
    "lib/libjsound.so": b"unwanted",
    "lib/server/libjvm.so": b"another",
    "release": b'JAVA_VERSION="17"\nMODULES="java.base"\n',
}


@pytest.fixture
def snapshots(tmp_path):
    @contextmanager
    def workspace():
        yield SimpleNamespace(path=tmp_path)

    return SimpleNamespace(workspace=workspace, ownership=Ownership.KERNEL)


def linked(monkeypatch, snapshots, tree, status=0):
    processes, events = [], []

    def run(process, on_output, *, stop):
        processes.append(process)
        on_output(2, b"Error: it is broken\n")
        for name, data in MADE.items():
            path = process.mounts[0].source / "home" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if status is None:
            raise SandboxError("cannot run `jlink`: no")
        return status

    monkeypatch.setattr("lissom.sandbox.jlink.run", run)
    return jlink.link(RUNTIME, tree, (), snapshots, events.append), processes, events


def test_only_modules_come_from_jlink(monkeypatch, snapshots):
    tree = tree_of(jdk())
    entries, (process,), events = linked(monkeypatch, snapshots, tree)
    assert sorted(path.removeprefix(f"{HOME}/") for path in entries) == [
        "bin", "bin/java", "conf", "conf/net.properties", "lib", "lib/libjava.so", "lib/modules", "lib/security",
        "lib/security/cacerts", "release",
    ]  # fmt: skip
    assert entries[f"{HOME}/bin/java"] is tree[f"{HOME}/bin/java"]
    assert entries[f"{HOME}/conf/net.properties"].link == "/etc/java-17/net.properties"
    assert entries[f"{HOME}/lib/modules"].content.data == b"few modules"
    assert entries[f"{HOME}/lib/modules"].size == 11
    assert entries[f"{HOME}/release"].content.data == b'JAVA_VERSION="17.0.9"\nMODULES="java.base"\n'
    assert not events
    assert (process.network, process.readonly) == ("none", True)
    assert "--exclude-resources=regex:/a/b" in process.argv
    assert process.argv[process.argv.index("--add-modules") + 1] == "java.base"


@pytest.mark.parametrize(("status", "why"), [(1, "exited with status 1: Error: it is broken"), (None, "cannot run")])
def test_when_jlink_fails_the_jdk_stays(monkeypatch, snapshots, status, why):
    entries, _, (event,) = linked(monkeypatch, snapshots, tree_of(jdk()), status)
    assert entries is None
    assert event.message.startswith("cannot link a Java runtime of `/opt/jdk`: ")
    assert why in event.message


def test_a_directory_that_is_a_link_stays_one(monkeypatch, snapshots):
    files = {path: data for path, data in jdk().items() if "/conf/" not in path}
    tree = tree_of({**files, f"{HOME}/conf": "-> /etc/java-17"})
    entries, _, _ = linked(monkeypatch, snapshots, tree)
    assert entries[f"{HOME}/conf"] is tree[f"{HOME}/conf"]
