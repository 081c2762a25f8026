"""`lissom slim` when everything is wrong: what it says, and that nothing has a name or is left behind."""

from __future__ import annotations

import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from left_behind import descendants, mounts_below, outlived
from slim_apps import SERVE, Shelf, entry, program, userland

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

GET = ("--http", "GET / -> 200")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    made = Shelf.at(tmp_path_factory.mktemp("bad"))
    made.site("web:1")
    made.put("empty:1", Cmd=["/run"])
    made.script("bare:1", "exit 0", Entrypoint=[])
    made.script("nobody:1", "exit 0", User="nobody")
    made.put("foreign:1", userland(), document={"architecture": "s390x"}, Cmd=["/run"])
    made.script("crash:1", "echo starting; echo out of luck >&2; exit 9", ExposedPorts={"8080/tcp": {}})
    made.script("never:1", "echo waiting for the database; sleep 100")
    made.script("missing:1", "exit 0", Entrypoint=["/no/such"])
    (made.here / "check.sh").write_text("#!/bin/sh\ncount=$(cat count 2>/dev/null || echo 0); echo $((count + 1)) > count\n[ $count != 1 ]\n")  # fmt: skip
    (made.here / "check.sh").chmod(0o755)
    (made.here / "bad.yaml").write_text("checks:\n- {http: /, expct: {status: 200}}\n")
    (made.here / "dir.json").mkdir()
    return made


def left(shelf: Shelf) -> list[str]:
    """What should not be there: names, files in the making, mounts."""
    names = [name for name in shelf.names() if "slim" in name or name.startswith("x:")]
    return [*names, *shelf.temporary(), *mounts_below(shelf.lissom.root)]


USAGE = [
    (["web:1", "--http", "GET / -> 2000"], "error: cannot use --http: `2000` is no status such as 200, 2xx or 200|302\n  --http GET / -> 2000\n                  ^^^^\n\nhint: write it like this: --http 'GET /path -> 200', --http 'POST /notes text=hello -> 302'\n"),
    (["web:1", "--http", ""], "error: cannot use --http: it is empty\n  --http \n         ^\n\nhint: "),
    (["web:1", "--http", "GET about -> 200"], "error: cannot use --http: "),
    (["web:1", "--probes", "none.yaml"], "error: cannot read probes `none.yaml`: No such file or directory"),
    (["web:1", "--probes", "bad.yaml"], "error: cannot use probes: bad.yaml:2:13: unknown key `expct` in a check of kind http\n 2 | - {http: /, expct: {status: 200}}\n   |             ^^^^^\nhint: did you mean `expect`?\n"),
    (["web:1", *GET, "-t", "x:1", "-t", "x:2"], "error: cannot name 1 image with 2 tags\n\nhint: give -t once for each IMAGE\n"),
    (["web:1", "bare:1", *GET, "-t", "x:1"], "error: cannot name 2 images with 1 tag\n\nhint: give -t once for each IMAGE\n"),
    (["web:1", "bare:1", "-t", "x:1", "-t", "x:1"], "error: cannot name two images `x:1`\n"),
    (["web:1", *GET, "-t", "x:1", "--removed", "x:1"], "error: cannot name two images `x:1`\n"),
    (["web:1", *GET, "-t", "X:1"], "error: "),
    (["web:1", *GET, "--share"], "error: cannot share layers: there is one image\n\nhint: name all that are to share a base\n"),
    (["web:1", "bare:1", "--report", "x.html"], "error: cannot use --report for 2 images\n\nhint: slim them one at a time\n"),
    (["web:1", *GET, "--report", "no/x.html"], "error: cannot write `no/x.html`: there is no directory `no`\n"),
    (["web:1", *GET, "--report", "dir.json"], "error: cannot write `dir.json`: it is a directory\n"),
    (["web:1", *GET, "--report", "x.pdf"], "error: cannot write report `x.pdf`: its name ends neither in .html nor in .json\n"),
    (["web:1", *GET, "--seccomp", "/proc/no/x.json"], "error: cannot write `/proc/no/x.json`: there is no directory `/proc/no`\n"),
    (["web:1", *GET, "--keep", "[a"], "error: "),
    (["web:1", *GET, "--wait", "soon"], "error: cannot wait for `soon`\n\nhint: give seconds, a path such as /healthz, or log:TEXT\n"),
    (["web:1", *GET, "-e", "A"], "error: cannot set variable `A`: it is not K=V\n"),
    (["web:1", *GET, "--compression", "lz4"], "error: "),
    (["oci:layout:x", *GET], "error: cannot name what becomes of `oci:layout:x`: it has no name itself\n\nhint: say how with -t NAME:TAG\n"),
    (["--verify-only", "web:1"], "error: cannot verify 1 image\n\nhint: name two: the original, then the other one\n"),
    (["--verify-only", "web:1", "bare:1", "--report", "x.html"], "error: cannot use --report with --verify-only: nothing is slimmed\n"),
    (["--verify-only", "web:1", "bare:1", "-t", "x:1"], "error: cannot use -t with --verify-only: nothing is slimmed\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_what_is_refused_before_any_work(shelf: Shelf, words: Sequence[str], message: str) -> None:
    failed = shelf.slim(*words, code=2)
    assert failed.err.startswith(message), failed.err
    assert failed.err.endswith("\n")
    assert "Traceback" not in failed.err
    assert (failed.err == message) == message.endswith("\n")
    assert failed.out == ""


MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
START = "hint: give it what it needs: variables (-e), a user (-u), more time (--wait); arguments, volumes and other ways to be ready go into a probes file\n"
UNFIT = [
    (["empty:1"], 3, "error: cannot slim `empty:1`: it is empty\n"),
    (["bare:1"], 3, "error: cannot slim `bare:1`: it has no command to run\n\nhint: give it one with CMD, or say with --exec what is to work in it\n"),
    (["foreign:1"], 3, f"error: cannot slim `foreign:1`: it is for linux/s390x, this machine runs linux/{MACHINE}\n\nhint: slimming runs the image: do it on a machine of its platform\n"),
    (["nobody:1"], 1, "error: cannot run as `nobody`: the image's /etc/passwd has no user `nobody`\n\n" + START),
    (["web:1", "-u", "who", *GET], 1, "error: cannot run as `who`: the image's /etc/passwd has no user `who`\n\n" + START),
    (["crash:1"], 1, "error: cannot probe `default`: it exited with status 9 before it was ready\nstarting\nout of luck\n\n" + START),
    (["never:1", *GET, "--wait", "1"], 1, "error: cannot probe `default`: it was not ready after 1 s: no port listens\nwaiting for the database\n\n" + START),
    (["web:1", "--wait", "log:listening", "--wait", "0.5"], 1, "error: cannot probe `default`: it was not ready after 0.5 s: its log lacks `listening`; it wrote nothing\n\n" + START),
    (["web:1", "--wait", "/none", "--wait", "0.5"], 0, ""),
    (["missing:1"], 1, "error: cannot probe `default`: it exited with status 127 before it was ready\ncannot execute `/no/such`: no such file\n\n" + START),
    (["none:1"], 5, "error: cannot find image `none:1"),
    (["web:1", *GET, "--http", "/none.html", "--exec", "cat /nothing"], 1,
     "error: cannot use the probes: 2 of 5 fail on the original already\n  `/none.html`: status 404 instead of one below 400: "),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "message"), UNFIT, ids=[" ".join(words) for words, *_ in UNFIT])
def test_what_cannot_be_slimmed(shelf: Shelf, words: Sequence[str], code: int, message: str) -> None:
    failed = shelf.slim(*words, "-t", "x:unfit", code=code)
    assert failed.err.startswith(message), failed.err
    assert "Traceback" not in failed.err
    assert (failed.err == message) or not message.endswith("\n")
    if code:
        assert left(shelf) == []
    else:
        shelf("rm", "x:unfit")


def test_the_original_must_answer_alike(shelf: Shelf) -> None:
    """A check that passes at first and then fails decides nothing."""
    (shelf.here / "count").unlink(missing_ok=True)
    failed = shelf.slim("web:1", "--probes", "check.sh", "-t", "x:flaky", code=1)
    lines = failed.err.splitlines()
    assert lines[0] == "error: cannot prove that `web:1` still works: the probes decide nothing"
    assert lines[1].startswith("  `check.sh`: flaky on the original: exit status 1 instead of 0")
    assert lines[3] == "hint: nothing was given a name; give probes that the original answers alike each time"
    assert left(shelf) == []


def test_pages_that_differ_each_time_count_by_their_status(shelf: Shelf) -> None:
    shelf.site("random:1", entry("www/cgi-bin/id", "#!/bin/sh\necho\ncat /proc/sys/kernel/random/uuid\n"))
    assert "proof passes" in shelf.slim("random:1", "--http", "/cgi-bin/id", "-t", "x:random").out
    shelf("rm", "x:random")


def test_a_program_that_ignores_its_signal(shelf: Shelf) -> None:
    shelf.site("deaf:1", program(SERVE.replace("exit 0", "sleep 1000")))
    said = shelf.slim("deaf:1", *GET, "--patience", "0.1", "-t", "x:deaf").out
    assert "proof passes" in said
    assert said.count("stop") == 0
    shelf("rm", "x:deaf")


# Of a process that a large one started the kernel tells the large one's peak: a small one starts it and tells.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def test_a_flood_of_log(shelf: Shelf) -> None:
    """Two hundred megabytes a second are no reason to need memory, or to miss what is asked."""
    shelf.site("flood:1", program(SERVE.replace("sleep", "yes flooded & yes floods >&2 & sleep")))
    slim = shelf.lissom.command("slim", "flood:1", *GET, "-t", "x:flood")
    measured = [sys.executable, "-c", MEASURED, *slim]
    done = subprocess.run(measured, env=shelf.lissom.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    peak = int(done.stdout.splitlines()[-1])
    assert "/www/unlinked.html" in shelf.dump("x:flood")
    shelf("rm", "x:flood")
    assert peak < 300 << 10, "kilobytes"


def test_a_port_that_is_taken(shelf: Shelf) -> None:
    """In a network of its own an app has every port; in the host's it has what is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shelf.site("port:1", program(SERVE.replace("8080", str(port))), ExposedPorts={})
        failed = shelf.slim("port:1", *GET, "--network", "host", "--wait", "1", "-t", "x:port", code=1)
        assert failed.err.startswith("error: cannot probe `default`: it was not ready after 1 s: no port listens\nhttpd: bind: Address already in use\n")  # fmt: skip
        assert left(shelf) == []
        assert "proof passes" in shelf.slim("port:1", *GET, "-t", "x:port").out
        shelf("rm", "x:port")


def start(shelf: Shelf, *words: str) -> subprocess.Popen[bytes]:
    """A slim that tells what it does, in lines."""
    command = [*shelf.lissom.command("slim", *words), "--progress", "plain"]
    return subprocess.Popen(command, cwd=shelf.here, env=shelf.lissom.environment(), stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)  # fmt: skip


def wait_for(process: subprocess.Popen[bytes], words: str) -> str:
    """What it said until a line had these words."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line.decode()
        if words in said:
            return said
    raise AssertionError(f"never said `{words}`:\n{said}")


MOMENTS = ["original: GET", "original again: GET", "slim: start", "slim: GET"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle(shelf: Shelf, moment: str) -> None:
    process = start(shelf, "web:1", *GET, "-t", "x:killed")
    wait_for(process, moment)
    below = descendants(process.pid)
    process.kill()
    process.communicate()
    assert not outlived(below)
    assert shelf.digest("x:killed") is None
    assert mounts_below(shelf.lissom.root) == []
    shelf("gc")
    assert left(shelf) == []


@pytest.mark.parametrize(
    ("number", "code", "last", "moment"),
    [
        (signal.SIGINT, 130, "lissom: interrupted", "original: GET"),
        (signal.SIGINT, 130, "lissom: interrupted", "slim: start"),
        (signal.SIGTERM, -15, "", "slim: start"),
    ],
)
def test_broken_off(shelf: Shelf, number: signal.Signals, code: int, last: str, moment: str) -> None:
    shelf.site("slow:1", entry("www/cgi-bin/slow", "#!/bin/sh\nsleep 1\necho\necho done\n"))
    process = start(shelf, "slow:1", "--http", "GET /cgi-bin/slow", "-t", "x:broken")
    wait_for(process, moment)
    time.sleep(0.2)
    below = descendants(process.pid)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode in (code, 128 + number)
    assert not last or said.decode().strip().endswith(f"\n{last}")
    assert not outlived(below)
    if number == signal.SIGTERM:
        shelf("gc")
    assert left(shelf) == []


def test_after_all_that_it_still_works(shelf: Shelf, tmp_path: Path) -> None:
    shelf.slim("web:1", *GET, "-t", "x:last")
    fresh = Shelf.at(tmp_path / "fresh")
    fresh.site("web:1")
    fresh.slim("web:1", *GET, "-t", "x:last")
    assert shelf.digest("x:last") == fresh.digest("x:last")
