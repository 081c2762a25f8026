"""What is seen of real processes: every kind of look, from the first instruction on, of all that they start."""

import contextlib
import signal
import threading
import time
from dataclasses import replace

import pytest

from busyroot import make_root
from lissom.sandbox.network import Namespace
from lissom.sandbox.process import Process, start
from lissom.sandbox.watch import Watcher

pytestmark = pytest.mark.root

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def root(tmp_path):
    return make_root(tmp_path / "root")


def watch(root, script, **fields):
    """The sightings of a shell script: (kind, path) → how often."""
    with Watcher() as watcher:
        process = Process(argv=("sh", "-c", script), env=ENV, lowers=(root,), network="none", **fields)
        status = start(process, watch=watcher).wait(lambda *_: None)
    seen = {}
    for sighting, count in watcher.sightings().items():
        seen[sighting.kind, sighting.path] = seen.get((sighting.kind, sighting.path), 0) + count
    return status, seen


def test_opens_executions_looks_and_misses_are_seen(root):
    (root / "etc/link").symlink_to("passwd")
    status, seen = watch(root, "cat /etc/passwd; readlink /etc/link; test -e /etc/none; ls /var; exec /bin/sleep 0")
    assert status == 0
    assert seen["exec", "/bin/sh"] == 1
    assert ("exec", "/usr/bin/sh") in seen, "a candidate of PATH that is not there is a miss"
    assert seen["open", "/etc/passwd"] >= 1
    assert ("readlink", "/etc/link") in seen
    assert ("stat", "/etc/none") in seen
    assert ("list", "/var") in seen
    assert ("exec", "/bin/sleep") in seen


def test_files_that_are_made_by_opening_them_are_told_as_made(root):
    _, seen = watch(root, "echo x > /tmp/new; cat /etc/passwd >> /tmp/new")
    assert ("make", "/tmp/new") in seen
    assert ("open", "/tmp/new") in seen
    assert ("make", "/etc/passwd") not in seen


def test_relative_paths_are_told_as_the_process_meant_them(root):
    _, seen = watch(root, "cd /etc; cat passwd; cd ..; cat etc/../etc/passwd", cwd="/var")
    assert ("open", "/etc/passwd") in seen
    assert ("open", "/etc/../etc/passwd") in seen


def test_what_children_of_children_do_is_seen_and_whose_it_is(root):
    with Watcher() as watcher:
        process = Process(argv=("sh", "-c", "(sh -c 'cat /etc/passwd &' ) ; sleep 0.1"), env=ENV, lowers=(root,))
        start(process, watch=watcher).wait(lambda *_: None)
    programs = {sighting.program for sighting in watcher.sightings() if sighting.path == "/etc/passwd"}
    assert programs == {"/bin/busybox"}


def test_what_is_made_and_removed_is_seen(root):
    _, seen = watch(root, "mkdir /tmp/d; echo > /tmp/d/f; mv /tmp/d/f /tmp/g; rm -r /tmp/d")
    assert ("make", "/tmp/d") in seen
    assert ("make", "/tmp/g") in seen
    assert ("open", "/tmp/d/f") in seen


def test_links_that_are_made_are_told_under_their_last_name(root):
    with Watcher() as watcher:
        script = "cd /tmp; ln -s ../etc/passwd one; ln -s /var/empty two; mv two three"
        process = Process(argv=("sh", "-c", script), env=ENV, lowers=(root,))
        assert start(process, watch=watcher).wait(lambda *_: None) == 0
    assert watcher.links() == {"/tmp/one": "../etc/passwd", "/tmp/three": "/var/empty"}


def test_nothing_of_many_looks_is_lost(root):
    """A thousand looks by each of four processes at once, each counted."""
    loop = "i=0; while [ $i -lt 1000 ]; do test -e /none$i; i=$((i+1)); done"
    _, seen = watch(root, f"({loop})& ({loop})& ({loop})& {loop}; wait")
    assert [seen["stat", f"/none{number}"] for number in range(1000)] == [4] * 1000


def test_a_process_that_is_killed_ends_its_watch(root):
    output = []
    with (
        Watcher() as watcher,
        running(root, "cat /etc/passwd; sleep 60", watcher, output=output) as (process, _),
    ):
        while not output:
            time.sleep(0.01)
        process.signal(signal.SIGKILL)
    assert any(sighting.path == "/etc/passwd" for sighting in watcher.sightings())


def test_an_ordinary_user_of_the_container_is_seen_too(root):
    status, seen = watch(root, "cat /etc/passwd", uid=1000, gid=1000)
    assert status == 0
    assert ("open", "/etc/passwd") in seen


def test_a_second_process_joins_the_first_and_is_watched_with_it(root):
    output = []
    with (
        Watcher() as watcher,
        running(root, "hostname inside 2>/dev/null; echo > /tmp/mine; sleep 60", watcher) as (
            process,
            described,
        ),
    ):
        beside = replace(described, argv=("sh", "-c", "while ! cat /tmp/mine; do :; done; ls /proc"), join=process.pid)
        status = start(beside, watch=watcher).wait(lambda _, data: output.append(data))
    names = b"".join(output).split()
    assert status == 0
    assert b"1" in names
    assert len([name for name in names if name.isdigit()]) <= 5, "it sees the container's processes only"
    assert any(sighting.path == "/tmp/mine" and sighting.kind == "open" for sighting in watcher.sightings())


def test_the_network_of_a_container_can_be_reached_from_outside_only_through_it(root):
    serve = "echo hello | nc -l -p 7777; sleep 60"
    with running(root, serve, None, network="none") as (process, _), Namespace(process.pid) as inside:
        while 7777 not in inside.listening():
            pass
        with inside.connect("127.0.0.1", 7777, 5) as connection:
            assert connection.recv(100) == b"hello\n"
        with pytest.raises(ConnectionRefusedError):
            inside.connect("127.0.0.1", 7778, 5)


def test_a_profile_refuses_what_it_does_not_name(root):
    from lissom.slim.profile import allowed_calls, profile_filter

    profile = profile_filter(allowed_calls(()))
    with Watcher(profile=profile) as watcher:
        process = Process(argv=("sh", "-c", "cat /etc/passwd >/dev/null && mkdir /tmp/x"), env=ENV, lowers=(root,))
        assert start(process, watch=watcher).wait(lambda *_: None) == 0


@contextlib.contextmanager
def running(root, script, watcher, *, output=None, **fields):
    described = Process(argv=("sh", "-c", script), env=ENV, lowers=(root,), **fields)
    box = {}
    begun = threading.Event()

    def work():
        box["process"] = start(described, watch=watcher)
        begun.set()
        box["status"] = box["process"].wait(lambda _, data: output.append(data) if output is not None else None)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(10)
    try:
        yield box["process"], described
    finally:
        box["process"].kill()
        thread.join(20)
        assert not thread.is_alive()
