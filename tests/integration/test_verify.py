"""Probes put to containers of busybox images: servers, programs that end, and all that goes wrong."""

import contextlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import changeset_of
from lissom.events import StepDone, StepOutput, StepStarted
from lissom.rootfs.tree import Changeset
from lissom.sandbox.ids import current_ownership, is_nested
from lissom.sandbox.watch import Watcher
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
from lissom.verify.compare import Outcome, compare, require_sound
from lissom.verify.exercise import exercise
from lissom.verify.patience import Patience
from lissom.verify.probe import Instance, Probe, Probes, Run, Script
from lissom.verify.probes_file import parse_probes
from lissom.verify.words import parse_exec, parse_http
from oracle import bases

pytestmark = pytest.mark.root

APPLETS = ("sh", "ls", "cat", "echo", "sleep", "httpd", "nc", "id", "yes", "true", "touch", "mkdir", "tr")
SITE = {
    "www/index.html": b"<a href=/a.html>a</a> <a href=/logout.html>x</a> <img src='i.png'>",
    "www/a.html": b"<a href='b.html'>b</a>",
    "www/b.html": b"deep",
    "www/logout.html": b"never seen",
    "www/i.png": b"\x89PNG",
}
MARK = f"MADE_BY={os.getpid()}"
"""A variable of every container that tells it from those of others."""

SERVE = {"Cmd": ["httpd", "-f", "-p", "8080", "-h", "/www"], "ExposedPorts": {"8080/tcp": {}}}
GRACEFUL = b"""#!/bin/sh
trap 'echo bye; exit 3' TERM
httpd -p 8080 -h /www
echo waiting
while :; do sleep 0.1; done
"""


@pytest.fixture
def store(tmp_path):
    """An open store, as unit tests have it."""
    with Store.at(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def snapshots(store):
    return Snapshots(store, current_ownership(), userxattr=is_nested())


@pytest.fixture
def make(image_of):
    """Make an image with busybox, a site, and ``run`` as its program when that is given."""
    busybox = bases.busybox()
    if busybox is None:
        pytest.skip("needs a static busybox")
    files = {f"bin/{name}": "busybox" for name in APPLETS}
    files |= {"bin/busybox": busybox.read_bytes(), "data/seed": b"seed\n", "tmp": None, **SITE}
    files |= {"etc/passwd": b"root:x:0:0::/root:/bin/sh\napp:x:7:8::/home/app:/bin/sh\n"}

    def made(run=b"", extra=None, **config):
        everything = {**files, **(extra or {}), **({"run": run} if run else {})}
        entries = {path: replace(entry, mode=0o755) for path, entry in changeset_of(everything).entries.items()}
        config["Env"] = [*config.get("Env", ()), MARK]
        return image_of(Changeset(entries), **({"Entrypoint": ["/run"]} if run else {}), **config)

    return made


def names(seen):
    return [one.name for one in seen.observations]


def left():
    """Programs of containers that still run a moment later: the kernel takes its time to end what it was told to."""
    for _ in range(100):
        if not (found := still_there()):
            break
        time.sleep(0.05)
    return found


def still_there():
    """Programs of this process's containers that run: their environment names it."""
    found = []
    for one in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if one.name.isdigit() and MARK.encode() in (one / "environ").read_bytes().split(b"\0"):
                found.append((one / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_without_probes_a_site_is_crawled(make, snapshots):
    with Watcher() as watch:
        seen = exercise(make(**SERVE), snapshots, Probes(), watch=watch)
    pages = ["crawl GET /", "crawl GET /a.html", "crawl GET /i.png", "crawl GET /b.html"]
    assert names(seen) == ["start default", *pages, "stop default"]
    assert seen.failures == ()
    assert seen.ports == {8080}
    assert seen.by_name["crawl GET /b.html"].excerpt == "deep"
    paths = {sighting.path for sighting in watch.sightings()}
    assert {"/www/b.html", "/bin/httpd"} <= {path.replace("//", "/") for path in paths} | {"/bin/httpd"}
    assert not left()


def test_a_program_that_ends_is_no_error(make, snapshots):
    seen = exercise(make(b"#!/bin/sh\necho hi; echo err >&2; exit 3\n"), snapshots, Probes())
    assert names(seen) == ["start default", "end default"]
    end = seen.by_name["end default"]
    assert (end.status, end.size, end.failure) == (3, 3, None)


def test_probes_of_every_kind(make, snapshots, tmp_path):
    script = tmp_path / "check.sh"
    script.write_text('#!/bin/sh\ncase "$LISSOM_BASE_URL" in "http://127.0.0.1:$LISSOM_PORT") exit 0;; esac; exit 1\n')
    script.chmod(0o755)
    probes = parse_probes(
        f"""\
instances:
  default: {{args: [word], env: {{A: b}}, user: app, ready: /index.html, stop: {{exit: [3], log: bye, within: 5}}}}
  reader: {{entrypoint: [/bin/sh, -c, "trap 'exit 0' TERM; echo started $A; while :; do sleep 0.1; done"], env: {{A: c}}, ready: "log:started"}}
checks:
- http: /a.html -> 200 "href"
- http: /none -> 404
- {{raw: "GET /b.html HTTP/1.0\\r\\n\\r\\n", half_close: true, expect: {{raw: "^HTTP/1.[01] 200"}}}}
- {{logs: waiting}}
- {{exec: "id -u; echo $A", expect: {{stdout: "^7\\nb\\n$"}}}}
- {{exec: [id, -u], user: "0", expect: {{stdout: ^0}}}}
- {{exec: [cat], stdin: hello, expect: {{stdout: ^hello$}}}}
- {{logs: started c, in: reader}}
- {{run: [-c, "cat; exit 4"], entrypoint: [/bin/sh], stdin: in, expect: {{exit: 4, stdout: ^in$}}}}
- {{file: /data/seed, mode: 0755, expect: {{body: seed}}}}
- {{script: {script}}}
""",
        "p.yaml",
    )
    image = make(GRACEFUL)
    one, two = exercise(image, snapshots, probes), exercise(image, snapshots, probes)
    assert [(one.name, one.failure) for one in one.failures] == []
    assert names(one)[-4:] == ["run -c cat; exit 4", "file /data/seed", f"script {script}", "stop default"]
    assert one.by_name["stop default"].status == 3
    assert "bye" in one.log
    verdict = compare([one, two], exercise(image, snapshots, probes))
    assert [row for row in verdict.rows if row.outcome is not Outcome.PASSED] == []
    assert not left()


def test_what_differs_is_found(make, snapshots):
    probes = Probes.of(parse_http("/a.html -> 200"), parse_http("/b.html"), parse_exec("ls /www"))
    before = [exercise(make(**SERVE), snapshots, probes) for _ in range(2)]
    after = exercise(make(extra={"www/b.html": b"shallow"}, **SERVE), snapshots, probes)
    verdict = compare(before, after)
    assert verdict.outcome is Outcome.FAILED
    assert [(row.name, row.words) for row in verdict.of(Outcome.FAILED)] == [
        ("/b.html", "the body differs (4 bytes before, 7 after): shallow")
    ]


def test_a_volume_lasts_and_begins_as_the_image_has_it(make, snapshots):
    volume, read_only = {"volume": "/data"}, {"read_only": True, "tmpfs": ("/tmp",)}
    shell = ("/bin/sh", "-c")
    seen = exercise(
        make(),
        snapshots,
        Probes.of(
            Probe("write", Run(("cat /data/seed; echo more >> /data/seed",), shell, **volume)),
            Probe("read", Run(("cat /data/seed",), shell, **volume)),
            Probe("fresh", Run(("cat /data/seed",), shell)),
            Probe("locked", Run(("touch /tmp/x && ! touch /x",), shell, **read_only)),
            Probe("prepared", Run(("cat", "/made/x"), (), before=(("mkdir", "/made"), ("touch", "/made/x")))),
        ),
    )
    assert seen.failures == ()
    assert [one.size for one in seen.observations] == [5, 10, 5, 0, 0]


def test_a_healthcheck_is_run(make, snapshots):
    image = make(Healthcheck={"Test": ["CMD-SHELL", "cat /data/seed && exit 0"]}, **SERVE)
    with Watcher() as watch:
        seen = exercise(image, snapshots, Probes.of(parse_http("/")), watch=watch)
    assert seen.by_name["HEALTHCHECK"].status == 0
    assert any(sighting.path == "/data/seed" for sighting in watch.sightings())


@pytest.mark.parametrize(
    ("run", "instance", "failure"),
    [
        (b"#!/bin/sh\necho broken; exit 9\n", Instance(), "cannot probe `default`: it exited with status 9 before it was ready\nbroken"),
        (b"#!/bin/sh\necho starting; sleep 60\n", Instance(ready="/", ready_timeout=0.5), "cannot probe `default`: it was not ready after 0.5 s: no port listens\nstarting"),
        (b"#!/bin/sh\nhttpd -p 81 -h /www\nsleep 60\n", Instance(port=80, ready_timeout=0.5), "cannot probe `default`: it was not ready after 0.5 s: port 80 does not listen (but 81); it wrote nothing"),
        (b"#!/bin/sh\nnosuch\n", Instance(), "cannot probe `default`: it exited with status 127 before it was ready\n/run: line 2: nosuch: not found"),
        (b"#!/bin/sh\n", Instance(user="nobody"), "cannot run as `nobody`: the image's /etc/passwd has no user `nobody`"),
    ],
)  # fmt: skip
def test_what_never_becomes_ready(make, snapshots, run, instance, failure):
    probes = Probes((parse_http("/"),), instances={"default": instance})
    seen = exercise(make(run), snapshots, probes)
    assert [one.failure for one in seen.observations] == [
        failure,
        f"`default` did not start: {failure.splitlines()[0]}",
    ]
    with pytest.raises(Exception, match="cannot") as caught:
        require_sound(seen)
    assert caught.value.message == failure
    assert not left()


@pytest.mark.parametrize(
    ("run", "failure"),
    [
        (b"#!/bin/sh\necho broken; exit 9\n", "it exited with status 9 before it was ready"),
        (b"#!/bin/sh\nsleep 60\n", "it was not ready after 0.5 s: no port listens, though the image exposes one"),
        (b"#!/bin/sh\nexit 0\n", None),
    ],
)
def test_an_exposed_port_is_waited_for(make, snapshots, run, failure):
    probes = Probes(instances={"default": Instance(ready_timeout=0.5)})
    start = exercise(make(run, ExposedPorts={"80/tcp": {}}), snapshots, probes).by_name["start default"]
    assert failure is None or failure in start.failure
    assert (start.failure is None) == (failure is None)


def test_what_ignores_its_signal_is_killed(make, snapshots):
    ignores = b"#!/bin/sh\ntrap 'echo no' TERM\nhttpd -p 8080 -h /www\nwhile :; do sleep 0.1; done\n"
    probes = Probes.of(parse_http("/"))
    seen = exercise(make(ignores), snapshots, probes, patience=Patience(stop=0.5))
    stop = seen.by_name["stop default"]
    assert (stop.status, stop.failure, stop.excerpt) == (137, None, "killed 0.5 s after SIGTERM")
    deaf = exercise(make(GRACEFUL.replace(b"trap", b"#")), snapshots, probes)
    assert deaf.by_name["stop default"].excerpt == "it has no handler for SIGTERM"
    wanted = parse_probes("instances: {default: {stop: {within: 0.5}}}\nchecks: [{http: /}]", "p")
    seen = exercise(make(ignores), snapshots, wanted)
    assert seen.by_name["stop default"].failure == "still running 0.5 s after SIGTERM, so it was killed"
    assert not left()


def test_the_image_says_how_it_stops(make, snapshots):
    image = make(GRACEFUL.replace(b"TERM", b"INT"), StopSignal="SIGINT")
    assert exercise(image, snapshots, Probes.of(parse_http("/"))).by_name["stop default"].status == 3


def test_a_flood_costs_nothing(make, snapshots):
    flood = b"#!/bin/sh\nhttpd -p 8080 -h /www\nyes flood &\nyes flood >&2 &\nwhile :; do sleep 1; done\n"
    seen = exercise(make(flood), snapshots, Probes.of(parse_http("/b.html"), parse_exec("yes flood | cat | true")))
    assert seen.failures == ()
    assert len(seen.log) < 100_000
    assert not left()


def test_a_crash_in_the_middle(make, snapshots):
    crash = b"#!/bin/sh\nhttpd -p 8080 -h /www\necho going\nsleep 1\necho gone\nexit 7\n"
    probes = Probes.of(parse_http("/a.html"), parse_exec("sleep 2"), parse_http("/b.html"))
    seen = exercise(make(crash), snapshots, probes)
    assert seen.by_name["/a.html"].failure is None
    assert seen.by_name["/b.html"].failure.endswith("it has exited with status 7: going | gone")
    assert seen.by_name["end default"].failure == "it had ended by itself with status 7: going | gone"


def test_a_command_that_never_ends(make, snapshots):
    seen = exercise(make(**SERVE), snapshots, Probes.of(parse_exec("sleep 60")), patience=Patience(command=0.5))
    assert seen.by_name["sleep 60"].failure.startswith("cannot run `sleep`: it did not end within 0.5 s")
    assert not left()


def test_a_command_that_leaves_something_behind(make, snapshots):
    probes = Probes.of(parse_exec("sleep 60 & echo done"), parse_exec("sleep 60 & sleep 60"))
    begin = time.monotonic()
    seen = exercise(make(**SERVE), snapshots, probes, patience=Patience(command=2))
    assert seen.by_name["sleep 60 & echo done"].excerpt == "done"
    assert "did not end within 2 s" in seen.by_name["sleep 60 & sleep 60"].failure
    assert time.monotonic() - begin < 20
    assert not left()


def test_commands_of_an_image_that_ends(make, snapshots):
    seen = exercise(make(b"#!/bin/sh\nexit 0\n"), snapshots, Probes.of(parse_exec("cat /data/seed")))
    assert seen.by_name["cat /data/seed"].excerpt == "seed"


def test_events_tell_what_happens(make, snapshots):
    events = []
    image = make(GRACEFUL)
    exercise(image, snapshots, Probes.of(parse_http("/none")), listener=events.append, label="before")
    started = [event.name for event in events if isinstance(event, StepStarted)]
    assert started == ["before start default", "before /none", "before stop default"]
    done = [event.error for event in events if isinstance(event, StepDone)]
    assert [error is None for error in done] == [True, False, True]
    assert b"waiting" in b"".join(event.data for event in events if isinstance(event, StepOutput))


def test_a_port_of_the_host_does_not_matter(make, snapshots):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        image = make(Cmd=["httpd", "-f", "-p", str(port), "-h", "/www"])
        probes = Probes.of(parse_http("/b.html -> 200 deep".replace("deep", '"deep"')))
        assert exercise(image, snapshots, probes).failures == ()
        seen = exercise(image, snapshots, probes, network="host")
        assert "exited with status 1" in seen.failures[0].failure
        assert "in use" in seen.failures[0].failure


def test_a_script_that_is_missing(make, snapshots):
    seen = exercise(make(**SERVE), snapshots, Probes.of(Probe("s", Script(Path("/nonexistent")))))
    assert seen.by_name["s"].failure == "cannot run `/nonexistent`: No such file or directory"


def test_nothing_is_left_when_it_is_broken_off(make, snapshots):
    class BrokenOffError(Exception):
        pass

    def listener(event):
        if isinstance(event, StepDone) and "start" in event.name:
            assert still_there()
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        exercise(make(GRACEFUL), snapshots, Probes.of(parse_http("/")), listener=listener)
    time.sleep(0.1)
    assert not left()
    assert not os.listdir(snapshots.store.temporary)


def test_who_works_is_not_stopped(make, snapshots, monkeypatch):
    """A program without ports that computes, silent, is waited for; one that only waits is not."""
    monkeypatch.setattr("lissom.verify.ready._QUIET", 0.4)
    counting = b"#!/bin/sh\ni=0; while [ $i -lt 1000000 ]; do i=$((i + 1)); done\ncat /data/seed\n"
    seen = exercise(make(counting), snapshots, Probes())
    assert names(seen) == ["start default", "end default"]
    assert seen.by_name["end default"].excerpt == "seed"
    assert names(exercise(make(b"#!/bin/sh\nsleep 60\n"), snapshots, Probes())) == ["start default", "stop default"]
    assert not left()
