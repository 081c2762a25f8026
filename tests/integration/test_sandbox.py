"""Real processes in a real sandbox, on a root file system of one static busybox."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from busyroot import make_root
from lissom.errors import SandboxError
from lissom.sandbox.process import (
    Bind,
    FileMount,
    Layers,
    Limits,
    Process,
    Tmpfs,
    replay,
    run,
    start,
)

pytestmark = pytest.mark.root


@pytest.fixture
def root(tmp_path):
    return make_root(tmp_path / "root")


class Ran:
    def __init__(self, root, script, *, stop=None, **fields):
        self.parts = {1: b"", 2: b""}
        argv = ("sh", "-c", script) if isinstance(script, str) else script
        self.status = run(
            Process(argv, fields.pop("env", {}), fields.pop("lowers", (root,)), **fields), self, stop=stop
        )

    def __call__(self, stream, data):
        self.parts[stream] += data

    @property
    def out(self):
        return self.parts[1].decode()

    @property
    def err(self):
        return self.parts[2].decode()


def test_a_process_is_alone(root):
    ran = Ran(
        root, "echo $$; hostname; ls /; ls /proc | grep -c '^[0-9]'; grep -E 'CapEff|NoNew|Seccomp:' /proc/self/status"
    )
    assert ran.out.split() == [
        *["1", "buildkitsandbox", "bin", "dev", "etc", "proc", "root", "sys", "tmp", "var"],
        "3",
        *["CapEff:", "00000000a80425fb", "NoNewPrivs:", "0", "Seccomp:", "2"],
    ]
    assert ran.status == 0


@pytest.mark.parametrize(
    "command",
    [
        "mount -t tmpfs x /tmp",
        "unshare -U true",
        "unshare -m true",
        "umount /proc",
        "hostname other",
        "echo 1 > /proc/sys/kernel/pid_max",
        "echo b > /proc/sysrq-trigger",
        "touch /sys/x",
    ],
)
def test_what_is_refused(root, command):
    assert Ran(root, command).status != 0


def test_environment_is_what_was_given(root):
    ran = Ran(root, ("env",), env={"A": "b c", "HOME": "/x"})
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert sorted(ran.out.splitlines()) == ["A=b c", "HOME=/x", path]


def test_descriptors_and_streams(root):
    ran = Ran(root, "echo out; echo err >&2; cat; ls /proc/1/fd; true")
    assert (ran.out.split(), ran.err) == (["out", "0", "1", "2"], "err\n")


@pytest.mark.parametrize(
    ("argv", "status", "message"),
    [
        (("sh", "-c", "exit 7"), 7, ""),
        (("nosuch",), 127, "cannot execute `nosuch`: not found in PATH"),
        (("/nosuch",), 127, "cannot execute `/nosuch`: no such file"),
        (("/etc",), 126, "cannot execute `/etc`: Permission denied"),
    ],
)
def test_exit_status(root, argv, status, message):
    ran = Ran(root, argv)
    assert ran.status == status
    assert message in ran.err


def test_killed_by_signal(root):
    assert Ran(root, "kill -9 $$", init=True).status == 137


@pytest.fixture
def writable(tmp_path):
    upper, work = tmp_path / "upper", tmp_path / "work"
    upper.mkdir()
    work.mkdir()
    return {"upper": upper, "work": work}


def test_mount_points_leave_no_trace(root, writable, tmp_path):
    (tmp_path / "host").mkdir()
    mounts = (
        FileMount("/run/secrets/key", b"hush"),
        Tmpfs("/var/cache/x"),
        Bind(tmp_path / "host", "/etc/deep/er"),
        FileMount("/dev/shm/settings/ca", b"ca"),
    )
    ran = Ran(
        root,
        "cat /run/secrets/key /dev/shm/settings/ca; stat -c %Y / /etc; echo > /etc/deep/er/f",
        mounts=mounts,
        **writable,
    )
    assert ran.out.split() == ["hushca1000", "1000"]
    assert list(writable["upper"].iterdir()) == []
    assert (tmp_path / "host/f").exists()


def test_changes_land_in_the_upper_directory(root, writable):
    Ran(root, "echo > /new; rm /etc/passwd; chown 5:6 /new", **writable)
    upper = writable["upper"]
    assert sorted(p.relative_to(upper).as_posix() for p in upper.rglob("*")) == ["etc", "etc/passwd", "new"]
    assert (upper / "new").stat().st_uid == 5
    assert (upper / "etc/passwd").stat().st_rdev == 0
    assert (upper / "etc/passwd").is_char_device()


def test_links_in_the_image_do_not_lead_outside(root, tmp_path):
    (root / "mnt").symlink_to(f"../../../../..{tmp_path}")
    (root / "abs").symlink_to(tmp_path)
    ran = Ran(root, "cat /mnt/a /abs/b", mounts=(FileMount("/mnt/a", b"1"), FileMount("/abs/b", b"2")))
    assert ran.out == "12"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["root"]


def test_many_layers_with_long_names(root, tmp_path):
    layers = []
    for number in range(150):
        layer = tmp_path / f"{number:0120d}"
        (layer / "l").mkdir(parents=True)
        (layer / "l" / str(number)).touch()
        layers.append(layer)
    assert Ran(root, "ls /l | wc -l", lowers=(root, *layers)).out == "150\n"


def test_views_of_layers(root, tmp_path):
    (tmp_path / "a/sub").mkdir(parents=True)
    (tmp_path / "a/sub/file").write_text("file")
    views = (Layers((tmp_path / "a",), "sub", "/v", readonly=False), Layers((tmp_path / "a",), "sub/file", "/one"))
    ran = Ran(root, "cat /v/file /one; echo > /v/new && ls /v; echo > /one", mounts=views)
    assert ran.out.split() == ["filefilefile", "new"] or ran.out.split() == ["filefile", "file", "new"]
    assert ran.status != 0
    assert [p.name for p in (tmp_path / "a/sub").iterdir()] == ["file"]


def test_read_only_root(root):
    ran = Ran(root, "touch /x; touch /t/x; pwd", readonly=True, mounts=(Tmpfs("/t"),), cwd="/new")
    assert ran.out == "/new\n"
    assert ran.err.count("Read-only") == 1


def test_no_network_but_loopback(root):
    assert Ran(root, "ls /sys/class/net; ip addr show lo | grep -c UP", network="none").out.split() == ["lo", "1"]


def test_user_groups_and_limits(root):
    ran = Ran(
        root,
        "id; ulimit -n; grep CapEff /proc/self/status; pwd",
        uid=1000,
        gid=1000,
        groups=(5,),
        limits=Limits.parse(("nofile=100:200",)),
        cwd="/made/for/it",
    )
    assert ran.out.split() == [
        "uid=1000(app)",
        "gid=1000",
        "groups=5,1000",
        "100",
        "CapEff:",
        "0000000000000000",
        "/made/for/it",
    ]


def test_stop_kills_everything(root):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    assert Ran(root, "sleep 50 & sleep 50", stop=stop).status == 137
    assert time.monotonic() - began < 5


def test_signals_reach_the_process(root):
    running = start(Process(("sh", "-c", "trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done"), {}, (root,)))
    assert running.wait(lambda _stream, _data: running.signal(signal.SIGTERM)) == 4


def test_it_dies_with_whoever_started_it(root, tmp_path):
    code = f"""
        from pathlib import Path
        from lissom.sandbox.process import Process, run
        run(Process(("sh", "-c", "echo up; sleep 4242"), {{}}, (Path({str(root)!r}),)), lambda s, d: print("up", flush=True))
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    for _ in range(100):
        commands = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
        if not any(b"sleep\x004242" in command for command in commands):
            return
        time.sleep(0.05)
    pytest.fail("the process outlived its parent")


def test_replay(root):
    command = replay(Process(("sh", "-c", "echo again; exit 3"), {}, (root,)))
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "again\n", "")


def test_a_file_is_no_mount_point_for_a_directory(root):
    with pytest.raises(SandboxError, match="below `/etc/passwd`: it is not a directory"):
        Ran(root, "true", mounts=(Tmpfs("/etc/passwd/x"),))


def test_a_place_that_cannot_hold_changes_is_named(root):
    with pytest.raises(SandboxError) as caught:
        Ran(root, "true", upper=Path("/proc/1"), work=Path("/proc/1"))
    assert "give --root a directory on ext4" in caught.value.hint


ROOTLESS = """
    import os, sys
    from pathlib import Path
    from lissom.sandbox.userns import current_ownership, enter
    enter()
    from lissom.sandbox.process import Process, run
    base = Path(sys.argv[1])
    process = Process(("sh", "-c", sys.argv[2]), {}, (base / "root",), upper=base / "upper", work=base / "work",
                      ownership=current_ownership())
    print(current_ownership().name, flush=True)
    sys.exit(run(process, lambda stream, data: os.write(stream, data)))
"""


@pytest.fixture(params=["mapped", "lone"])
def ordinary(request, tmp_path):
    """A user with or without subordinate ids, and a place with a root file system of the user's own."""
    user = request.getfixturevalue(request.param)
    base = user.home / tmp_path.name
    make_root(base / "root")
    (base / "script.py").write_text(textwrap.dedent(ROOTLESS))
    for path in ("upper", "work"):
        (base / path).mkdir()
    return user, user.own(base), request.param == "mapped"


def as_user(user, base, script):
    done = user.run(user.python, base / "script.py", base, script)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.userns
def test_ordinary_users_run_processes(ordinary):
    user, base, mapped = ordinary
    code, out, err = as_user(
        user,
        base,
        "id -u; touch /new && chown 5:6 /new && rm /etc/passwd; ls -ln /new; grep CapEff /proc/self/status; echo > /dev/null; exit 9",
    )
    kind, uid, *rest = out.split()
    owner = rest[2:4]
    assert code == 9, err
    assert (kind, uid) == ("KERNEL" if mapped else "RECORDED", "0")
    assert owner == (["5", "6"] if mapped else ["0", "0"])
    assert rest[-1] == "00000000a80425fb"
    assert (base / "upper/etc/passwd").is_char_device()


@pytest.mark.userns
def test_one_identity_fakes_owners_and_devices(ordinary):
    user, base, mapped = ordinary
    _, out, _ = as_user(user, base, "chown 1234:77 /etc/passwd && mknod /etc/null c 1 3; echo $?")
    assert out.split()[1:] == (["1"] if mapped else ["0"])
