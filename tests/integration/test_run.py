"""`lissom run`: containers of an image with one static busybox."""

import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lissom.rootfs.tree import Changeset
from lissom.store.store import Store

pytestmark = pytest.mark.root


@pytest.fixture
def store(tmp_path):
    """An open store, as unit tests have it."""
    with Store.at(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def image(image_of):
    """The image `box`: busybox, two users, a config with everything that run honours."""
    busybox = shutil.which("busybox")
    if not busybox or b"statically" not in subprocess.run(["file", busybox], capture_output=True, check=False).stdout:
        pytest.skip("needs a static busybox")
    from conftest import changeset_of

    files = {
        f"bin/{name}": "busybox"
        for name in ["sh", "id", "ls", "cat", "touch", "sleep", "echo", "env", "pwd", "tty", "stty", "nc", "true"]
    }
    files |= {"bin/busybox": Path(busybox).read_bytes(), "tmp": None, "work/dir": None}
    files |= {"etc/passwd": b"root:x:0:0::/root:/bin/sh\napp:x:7:8::/home/app:/bin/sh\n"}
    entries = changeset_of(files).entries
    entries = {path: replace(entry, mode=0o755) for path, entry in entries.items()}
    image_of(Changeset(entries), name="box:latest")
    return image_of(
        Changeset(entries),
        name="app:latest",
        Env=["A=image", "B=image"],
        Entrypoint=["echo", "entry"],
        Cmd=["command"],
        User="app",
        WorkingDir="/work/dir",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "out"),
    [
        (["app"], 0, "entry command\n"),
        (["app", "other", "words"], 0, "entry other words\n"),
        (["--entrypoint", "sh", "app", "-c", "pwd; echo $A $B $HOME; id -u"], 0, "/work/dir\nimage image /home/app\n7\n"),
        (["-e", "A=flag", "-w", "/tmp", "-u", "0", "--entrypoint", "sh", "app", "-c", "pwd; echo $A; id -u"], 0, "/tmp\nflag\n0\n"),
        (["--rm", "--name", "x", "box", "sh", "-c", "exit 9"], 9, ""),
        (["--hostname", "here", "box", "sh", "-c", "echo $HOSTNAME; cat /proc/sys/kernel/hostname"], 0, "here\nhere\n"),
        (["--read-only", "--tmpfs", "/tmp", "box", "sh", "-c", "touch /tmp/x && ls /tmp; touch /x 2>/dev/null"], 1, "x\n"),
        (["--init", "box", "sh", "-c", "echo $$"], 0, "2\n"),
        (["--add-host", "db:10.1.1.1", "box", "sh", "-c", "cat /etc/hosts | while read a b; do [ $b = db ] && echo $a; done; true"], 0, "10.1.1.1\n"),
    ],
)  # fmt: skip
def test_run(image, run_cli, arguments, code, out):
    ran = run_cli("run", *arguments)
    assert (ran.code, ran.out) == (code, out), ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["box"], 125, "error: cannot run the image: it has no command"),
        (["box", "nosuch"], 127, "cannot execute `nosuch`: not found in PATH"),
        (["box", "/etc"], 126, "cannot execute `/etc`: Permission denied"),
        (["absent"], 125, "error: cannot find image `absent"),
        (
            ["-u", "nobody", "box", "true"],
            125,
            "error: cannot run as `nobody`: the image's /etc/passwd has no user `nobody`",
        ),
        (["--network", "none", "-p", "80", "box", "true"], 2, "error: cannot publish ports"),
        (["-v", "/nosuch:/x", "box", "true"], 2, "error: cannot use volume `/nosuch:/x`: `/nosuch` does not exist"),
        (["--frob", "box"], 2, "No such option"),
    ],
)
def test_errors(image, run_cli, arguments, code, message):
    ran = run_cli("run", *arguments)
    assert ran.code == code
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_volumes_and_input(image, run_cli, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/in").write_text("from the host\n")
    ran = run_cli(
        "run",
        "-i",
        "-v",
        f"{tmp_path}/data:/data",
        "box",
        "sh",
        "-c",
        "cat /data/in -; touch /data/out",
        stdin=b"piped\n",
    )
    assert (ran.code, ran.out) == (0, "from the host\npiped\n")
    assert (tmp_path / "data/out").exists()
    assert run_cli("run", "-v", f"{tmp_path}/data:/data:ro", "box", "touch", "/data/no").code == 1


def test_what_a_container_writes_is_gone(image, run_cli, tmp_path):
    run_cli("run", "box", "touch", "/tmp/x", check=True)
    assert run_cli("run", "box", "ls", "/tmp").out == ""
    assert list((tmp_path / "store/lissom/tmp").iterdir()) == []


@pytest.fixture
def command(tmp_path):
    from conftest import CONSOLE_SCRIPT

    return [str(CONSOLE_SCRIPT), "--root", str(tmp_path / "store"), "run"]


def test_a_terminal(image, command):
    pid, main = pty.fork()
    if pid == 0:
        os.execv(command[0], [*command, "-it", "box", "sh"])
    said = heard(main, b"# ")
    for words, until in ((b"stty size; tty\n", b"/dev/pts/0"), (b"echo go; sleep 40\n", b"go\r\n"), (b"\x03", b"# ")):
        time.sleep(0.5)  # the shell hands the terminal to `sleep` a moment after it has said `go`
        os.write(main, words)
        said += heard(main, until)
    os.write(main, b"exit 3\n")
    assert b"/dev/pts/0" in said
    heard(main, b"never")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3


def heard(descriptor, until):
    """What is said up to ``until``, the end, or ten seconds."""
    said, end = b"", time.monotonic() + 10
    while until not in said and select.select([descriptor], [], [], max(0, end - time.monotonic()))[0]:
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            break
        said += data
    return said


def test_signals_are_passed_on(image, command):
    script = "trap 'echo usr; exit 6' USR1; echo up; while :; do sleep 0.05; done"
    words = [*command, "--stop-signal", "USR1", "box", "sh", "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as running:
        assert running.stdout.readline() == b"up\n"
        os.killpg(running.pid, signal.SIGTERM)
        assert running.stdout.read() == b"usr\n"
    assert running.returncode == 6


def test_ports(image, command):
    outer, inner = (free_port() for _ in range(2))
    words = [*command, "-p", f"127.0.0.1:{outer}:{inner}", "box", "sh", "-c", f"echo hello | nc -l -p {inner}"]
    with subprocess.Popen(words) as running:
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", outer)) as connection:
                    data = connection.recv(100)
            except OSError:
                data = b""
            if data:
                break
            time.sleep(0.05)
        assert data == b"hello\n"
        running.terminate()
        running.kill()


def test_a_port_in_use_is_told(image, run_cli):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = run_cli("run", "-p", f"127.0.0.1:{port}:{port}", "box", "true")
    assert ran.code == 125
    assert f"cannot publish port {port} on 127.0.0.1: Address already in use" in ran.err


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
