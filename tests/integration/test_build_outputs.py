"""Where a build's result goes, and the flags whose effect is not an image: outputs, id files, caches, squash, dates."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracle.bases import bases, write_oci_layout
from oracle.builders import lissom_command, reference
from oracle.observe import Built, from_docker_archive, from_oci_layout

pytestmark = pytest.mark.root

Run = Callable[..., subprocess.CompletedProcess[bytes]]
DOCKERFILE = (
    "FROM busy:1\nRUN echo one > /one && rm /data/two\nCOPY a.txt /a/\nRUN cat /proc/sys/kernel/random/uuid > /u\n"
)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text(DOCKERFILE)
    (directory / "a.txt").write_text("a\n")
    return directory


@pytest.fixture
def run(store: Path) -> Run:
    def call(
        *arguments: str | Path, root: Path = store, stdin: bytes = b"", **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [*lissom_command(), "--root", str(root), "--progress", "plain", *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, check=False, input=stdin, env={**os.environ, **env}, timeout=120
        )
        assert done.returncode == 0, done.stderr.decode()
        return done

    return call


def built(run: Run, context: Path, *flags: str, root: Path | None = None, **env: str) -> Built:
    output = context.parent / "built"
    shutil.rmtree(output, ignore_errors=True)
    where = {} if root is None else {"root": root}
    run("build", "-o", f"type=oci,dest={output}", *flags, context, **where, **env)
    result = from_oci_layout(output)
    assert not result.broken()
    return result


def test_local(run: Run, context: Path, tmp_path: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY --chmod=640 a.txt /d/a\nCOPY --from=busy:1 /data /data\n")
    run("build", "-o", tmp_path / "out", context)
    assert (tmp_path / "out" / "d" / "a").read_text() == "a\n"
    assert (tmp_path / "out" / "d" / "a").stat().st_mode & 0o7777 == 0o640
    assert os.readlink(tmp_path / "out" / "data" / "link") == "one"


def test_tar(run: Run, context: Path, tmp_path: Path) -> None:
    run("build", "-o", f"type=tar,dest={tmp_path}/out.tar", context)
    with tarfile.open(tmp_path / "out.tar") as tar:
        names = {name.removeprefix("./").rstrip("/") for name in tar.getnames()}
    assert {"one", "a/a.txt", "bin/sh", "data/one"} <= names
    assert "data/two" not in names
    assert not [name for name in names if "/.wh." in f"/{name}"]


def test_tar_to_stdout(run: Run, context: Path) -> None:
    done = run("build", "-o", "-", context)
    assert done.stdout[257:262] == b"ustar"


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_archives(run: Run, context: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "out.tar"
    run("build", "-t", "named:2", "-o", f"type={kind},dest={file}", context)
    if kind == "docker-archive":
        image = from_docker_archive(file)
        with tarfile.open(file) as tar:
            entry = json.load(tar.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
        assert entry["RepoTags"] == ["named:2"]
    else:
        with tarfile.open(file) as tar:
            tar.extractall(tmp_path / "unpacked", filter="data")
        image = from_oci_layout(tmp_path / "unpacked")
    assert not image.broken()
    assert "/one" in image.tree


def test_store_iidfile_and_metadata(run: Run, context: Path, tmp_path: Path) -> None:
    run("build", "-t", "kept:1", "--iidfile", tmp_path / "iid", "--metadata-file", tmp_path / "meta.json", context)
    iid = (tmp_path / "iid").read_text()
    assert iid.startswith("sha256:")
    assert len(iid) == 71
    meta = json.loads((tmp_path / "meta.json").read_text())
    assert meta["containerimage.config.digest"] == iid or meta["containerimage.digest"] == iid
    assert meta["image.name"] == "docker.io/library/kept:1"
    assert b"kept" in run("images").stdout


def test_squash_keeps_the_base(run: Run, context: Path) -> None:
    plain, squashed = built(run, context), built(run, context, "--squash")
    base = reference("busy:1")
    assert base is not None
    assert squashed.config["rootfs"]["diff_ids"][:2] == base.config["rootfs"]["diff_ids"]
    assert len(squashed.layers) == len(base.layers) + 1
    assert squashed.tree == plain.tree
    assert squashed.config["config"] == plain.config["config"]


def test_timestamp_twice_is_the_same_image(run: Run, context: Path, tmp_path: Path) -> None:
    (context / "Dockerfile").write_text("FROM busy:1\nRUN mkdir /d && echo x > /d/x\nCOPY a.txt /a/\nWORKDIR /w\n")
    images = []
    for name in ("first", "second"):
        root = tmp_path / name
        write_oci_layout(tmp_path / f"{name}.oci", tuple(base for base in bases() if base.name == "busy:1"))
        run("copy", f"oci:{tmp_path}/{name}.oci", "busy:1", root=root)
        os.utime(context / "a.txt", (1_650_000_000 + len(name), 1_650_000_000 + len(name)))
        images.append(built(run, context, "--timestamp", "1600000000", root=root))
    first, second = images
    assert first.config_bytes == second.config_bytes
    assert first.layers == second.layers
    assert first.config["created"].startswith("2020-09-13T12:26:40")


def test_source_date_epoch(run: Run, context: Path) -> None:
    image = built(run, context, SOURCE_DATE_EPOCH="1600000000")
    assert image.config["created"].startswith("2020-09-13T12:26:40")


def test_quiet_prints_the_id(run: Run, context: Path) -> None:
    done = run("build", "-q", context)
    assert done.stdout.decode().strip().startswith("sha256:")


def test_no_cache_filter(run: Run, context: Path) -> None:
    uuid = "cat /proc/sys/kernel/random/uuid"
    (context / "Dockerfile").write_text(
        f"FROM busy:1 AS a\nRUN {uuid} > /ua\nFROM busy:1 AS b\nRUN {uuid} > /ub\nCOPY --from=a /ua /\n"
    )
    first, second = built(run, context).tree, built(run, context, "--no-cache-filter", "b").tree
    assert first["/ua"] == second["/ua"]
    assert first["/ub"] != second["/ub"]


def test_cache_goes_through_a_directory(run: Run, context: Path, tmp_path: Path, base_archive: Path) -> None:
    first = built(run, context, "--cache-to", f"type=local,dest={tmp_path}/cache")
    other = tmp_path / "other"
    run("load", "-i", base_archive, root=other)
    second = built(run, context, "--cache-from", f"type=local,src={tmp_path}/cache", root=other)
    assert second.tree["/u"] == first.tree["/u"]
    assert second.config["rootfs"] == first.config["rootfs"]


def test_named_context_of_an_oci_layout(run: Run, context: Path, tmp_path: Path) -> None:
    write_oci_layout(tmp_path / "layout", bases())
    index = tmp_path / "layout" / "index.json"
    index.write_text(index.read_text().replace("rich:1", "rich"))
    (context / "Dockerfile").write_text("FROM elsewhere\nCOPY --from=elsewhere /data/one /got\n")
    image = built(run, context, "--build-context", f"elsewhere=oci-layout://{tmp_path}/layout:rich")
    assert image.tree["/got"] == image.tree["/data/one"]
    assert image.config["config"]["Labels"]["base"] == "yes"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """An ssh-agent with one key; its socket."""
    if shutil.which("ssh-agent") is None or shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-agent is not installed")
    socket = tmp_path / "agent.sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
        env = {**os.environ, "SSH_AUTH_SOCK": str(socket)}
        subprocess.run(["ssh-add", "-q", tmp_path / "key"], check=True, env=env, capture_output=True)
        yield str(socket)
    finally:
        process.terminate()
        process.wait(10)


def test_ssh(run: Run, context: Path, agent: str) -> None:
    (context / "Dockerfile").write_text(
        "FROM busy:1\nUSER app\nRUN --mount=type=ssh,uid=1000 test -S $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK > /tmp/s\n"
        'RUN test -z "$SSH_AUTH_SOCK" && ! ls /run/buildkit 2>/dev/null\n'
    )
    image = built(run, context, "--ssh", "default", SSH_AUTH_SOCK=agent)
    assert "/tmp/s" in image.tree
    assert not image.leaks([agent])
    assert not [path for path in image.tree if path.startswith("/run/")]


def test_dry_run_runs_nothing(run: Run, context: Path) -> None:
    (context / "Dockerfile").write_text("FROM busy:1\nRUN exit 3\nCOPY a.txt /\n")
    text = run("build", "--dry-run", context).stdout.decode()
    assert "exit 3" in text
    assert "a.txt" in text


def test_two_builds_at_once_share_a_store(run: Run, store: Path, context: Path, tmp_path: Path) -> None:
    command = [*lissom_command(), "--root", str(store), "--progress", "plain", "build", "--no-cache"]
    builds = [
        subprocess.Popen(
            [*command, "-t", f"at-once:{number}", "-o", f"type=oci,dest={tmp_path}/{number}", str(context)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for number in range(4)
    ]
    for number, process in enumerate(builds):
        said = process.communicate(timeout=120)[0].decode()
        assert process.returncode == 0, said
        assert not from_oci_layout(tmp_path / str(number)).broken()


def test_a_miss_is_explained(run: Run, context: Path) -> None:
    text = "FROM busy:1\nARG V=1\nCOPY a.txt /\nRUN echo $V > /v\nRUN true\n"
    (context / "Dockerfile").write_text(text)

    def said(*flags: str) -> str:
        return run("build", "-t", "explained:1", *flags, context).stderr.decode()

    assert "changed" not in said()
    assert "changed" not in said()
    assert "[3/4] RUN echo $V > /v: variable V changed\n" in said("--build-arg", "V=2")
    (context / "a.txt").write_text("other\n")
    again = said("--build-arg", "V=2")
    assert "[2/4] COPY a.txt /: `a.txt` changed\n" in again
    assert "the step before it changed" not in again


@pytest.mark.parametrize("flags", [(), ("--no-cache",)])
def test_stages_that_begin_alike_do_it_once(run: Run, context: Path, flags: tuple[str, ...]) -> None:
    alike = "RUN sleep 0.3; cat /proc/sys/kernel/random/uuid > /u\nRUN cp /u /v\n"
    stages = "".join(f"FROM busy:1 AS s{n}\n{alike}" for n in range(5))
    copies = "".join(f"COPY --from=s{n} /v /v{n}\n" for n in range(5))
    (context / "Dockerfile").write_text(f"{stages}FROM busy:1\n{copies}")
    tree = built(run, context, *flags).tree
    assert len({tree[f"/v{n}"] for n in range(5)}) == 1


def test_a_stage_run_anew_shares_nothing_with_one_from_the_cache(run: Run, context: Path) -> None:
    alike = "RUN cat /proc/sys/kernel/random/uuid > /u\n"
    (context / "Dockerfile").write_text(
        f"FROM busy:1 AS a\n{alike}FROM busy:1 AS b\n{alike}FROM busy:1\nCOPY --from=a /u /ua\nCOPY --from=b /u /ub\n"
    )
    first = built(run, context).tree
    second = built(run, context, "--no-cache-filter", "b").tree
    assert first["/ua"] == first["/ub"] == second["/ua"]
    assert second["/ub"] != second["/ua"]


def test_a_failure_that_stages_share_is_told_once(run: Run, store: Path, context: Path) -> None:
    alike = "RUN sleep 0.3; exit 5\n"
    (context / "Dockerfile").write_text(
        f"FROM busy:1 AS a\n{alike}FROM busy:1 AS b\n{alike}FROM busy:1\nCOPY --from=a / /a\nCOPY --from=b / /b\n"
    )
    command = [*lissom_command(), "--root", str(store), "--progress", "plain", "build", str(context)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert done.stderr.count("\nerror: ") == 1
    assert "exit status 5" in done.stderr


def test_a_syntax_line_is_reported_not_run(run: Run, context: Path) -> None:
    def said(frontend: str, *flags: str) -> str:
        (context / "Dockerfile").write_text(f"# syntax={frontend}\nFROM busy:1\nRUN true\n")
        done = run(*flags, "build", "-t", "syntax:1", context)
        return done.stderr.decode()

    assert "syntax" not in said("docker/dockerfile:1.7")
    assert "# syntax=docker/dockerfile:1.7: read, not run" in said("docker/dockerfile:1.7", "-v")
    assert "warning: `# syntax=example/other:1` is read, not run" in said("example/other:1")
    assert b"syntax example/other:1 (read, not run)\n" in run("build", "--dry-run", context).stdout
