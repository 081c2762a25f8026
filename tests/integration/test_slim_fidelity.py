"""What other tools lose when they slim: one app that looks at all of it, slimmed, is in every kept path as it was."""

from __future__ import annotations

import os

import pytest

from slim_apps import NOON, Shelf, entry, files, link, program, twins, userland

pytestmark = pytest.mark.root

CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
SCRIPT = """\
trap 'echo bye; exit 0' INT
set -e
ls /plugins >/dev/null
[ -e /only/asked-for ]
[ -d /needed/but/empty ]
cat '/data/grüße an dich.txt' /chain/first /data/hard-b /dirlink/inside >/dev/null
cat /app/counter; echo $(($(cat /app/counter) + 1)) > /app/counter
cat /app/seed; rm /app/seed
echo top-$((6 * 7))-key > /app/session.key
touch /tmp/mine /spool/mine
/usr/bin/suid; /usr/cap/true
httpd -p 8080 -h /www
sleep 1000 & wait
"""
HEALTH = "#!/bin/sh\nread address < /etc/health.conf\nwget -q -O /dev/null $address\n"
KEPT = (
    "plugins/one", "plugins/two", "only/asked-for", "needed/but/empty", "data/grüße an dich.txt", "chain/first",
    "chain/second", "real/third", "data/hard-a", "data/hard-b", "dirlink", "directory/inside", "app", "app/counter",
    "app/seed", "tmp", "spool", "usr/bin/suid", "usr/cap/true", "usr/bin/health", "etc/health.conf", "www/index.html",
    "work",
)  # fmt: skip
GONE = ("app/session.key", "tmp/mine", "spool/mine", "old/tool", "old")
CONFIG = {
    "Entrypoint": ["/run"],
    "ExposedPorts": {"8080/tcp": {}},
    "User": "app",
    "StopSignal": "SIGINT",
    "WorkingDir": "/work",
    "Labels": {"of": "the suite"},
    "Volumes": {"/app": {}},
    "Env": ["PATH=/usr/bin:/bin", "SPACED=a b"],
    "Healthcheck": {"Test": ["CMD", "/usr/bin/health"], "Interval": 5_000_000_000},
}


def everything() -> list[list]:
    """Two layers, the second of which has what the app looks at."""
    busybox = next(one.content.data for one in userland() if one.path == "bin/busybox")
    contents = {
        "plugins/one": "1", "plugins/two": "2", "only/asked-for": "x", "data/grüße an dich.txt": "hallo",
        "real/third": "chained", "directory/inside": "in", "www/index.html": "<p>up", "etc/health.conf": "http://127.0.0.1:8080/\n",
        "old/tool": bytes(5000),
    }  # fmt: skip
    special = [
        *twins("linked", "data/hard-a", "data/hard-b"),
        link("chain/first", "second"),
        link("chain/second", "../real/third"),
        link("dirlink", "/directory"),
        entry("needed/but/empty", None, mode=0o750, uid=7),
        entry("app", None, uid=7, gid=8, mode=0o700, mtime=NOON),
        entry("app/counter", "41", uid=7, gid=8, mode=0o600),
        entry("app/seed", "seed", uid=7, gid=8),
        entry("spool", None, gid=8, mode=0o2775),
        entry("work", None, uid=7, gid=8, mode=0o711),
        entry("usr/bin/health", HEALTH, mode=0o755),
        entry("usr/bin/suid", "#!/bin/true\n", mode=0o4755, gid=8),
        entry("usr/cap/true", busybox + b"another file", xattrs={"security.capability": CAPABILITY}),
        entry("etc", None, mode=0o755, mtime=NOON),
    ]
    return [[*userland(), entry("old/tool", "x")], [program(SCRIPT), *files(contents), *special]]


@pytest.fixture(scope="module", params=["file", "strict"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    made = Shelf.at(tmp_path_factory.mktemp("fidelity"))
    made.put("app:1", *everything(), **CONFIG)
    made.slim("app:1", "--http", "/", "--level", request.param)
    return made


def test_every_path_is_as_it_was(shelf: Shelf) -> None:
    """Kinds, modes (none is 0777), owners, times, contents, attributes, hard links; what the run made is not there."""
    before, after = shelf.dump("app:1"), shelf.dump("app:1-slim")
    assert {path: line for path, line in after.items() if before.get(path) != line} == {}
    assert [path for path in KEPT if f"/{path}" not in after] == []
    assert [path for path in GONE if f"/{path}" in after] == []
    assert after["/data/hard-b"].endswith("same as /data/hard-a")
    assert after["/usr/bin/suid"].startswith("file 4755 0:8 ")
    assert f"security.capability={CAPABILITY.hex()}" in after["/usr/cap/true"]
    assert after["/tmp"].startswith("directory 1777 0:0 ")
    assert after["/spool"].startswith("directory 2775 0:8 ")
    assert after["/app"].startswith("directory 0700 7:8 ")


def test_the_config_is_as_it_was(shelf: Shelf) -> None:
    assert shelf.config("app:1-slim")["config"] == CONFIG


def test_it_runs_as_it_ran(shelf: Shelf) -> None:
    """The seed that the app consumes is there again, the counter is not one further, and the health check works."""
    said = shelf("run", "--rm", "--entrypoint", "sh", "app:1-slim", "-c",
                 "cat /app/counter /app/seed; ls /plugins; (httpd -p 8080 -h /www); /usr/bin/health && echo healthy")  # fmt: skip
    assert said.out == "41seedone\ntwo\nhealthy\n"


def test_a_layer_on_disk_is_what_the_tree_says(shelf: Shelf) -> None:
    """The plain tar, read by the standard library."""
    from oracle.observe import from_oci_layout

    layout = shelf.here / "layout"
    shelf("copy", "app:1-slim", f"oci:{layout}:x")
    built = from_oci_layout(layout)
    assert built.broken(["top-42-key"]) == []
    assert built.tree["/data/hard-b"].endswith("hard /data/hard-a")
    assert f"security.capability={CAPABILITY.hex()}" in built.tree["/usr/cap/true"]
    assert not [line for line in built.tree.values() if line.startswith("dir 0777")]


def test_it_can_be_done_twice(shelf: Shelf) -> None:
    """Slimming the slim image again takes nothing away that matters and gives the same each time."""
    level = "strict" if "--level strict" in str(shelf.config("app:1-slim")["history"]) else "file"
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    shelf.slim("app:1-slim", "--http", "/", "--level", level, "-t", "app:twice")
    assert shelf.diff_ids("app:twice") == shelf.diff_ids("app:1-slim")
