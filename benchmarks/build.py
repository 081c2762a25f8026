"""Builds against docker (BuildKit) and buildah, in one run, as ratios of medians.

    python benchmarks/build.py [--runs N] [--row NAME]... [--json FILE]

Starts a private dockerd and a docker-registry and ends them; needs root, docker.io, buildah, docker-registry, skopeo and
a base image in an OCI layout or archive (made from busybox-static here, no network).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LISSOM = [sys.executable, "-m", "lissom"]
REGISTRY = "127.0.0.1:5055"


@dataclass(frozen=True)
class Tool:
    """How one builder is called. ``build`` gets the context and a tag; ``reset`` forgets everything it cached."""

    name: str
    build: Callable[[Path, str, bool], list[str]]
    reset: Callable[[], None]
    environment: dict[str, str]


def run(command: list[str], environment: dict[str, str]) -> float:
    started = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return took


def tools(scratch: Path, host: str) -> list[Tool]:
    store = scratch / "lissom"
    containers = scratch / "containers"
    docker_env = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "1"}
    buildah = ["buildah", "--root", str(containers / "root"), "--runroot", str(containers / "run")]

    def forget_lissom() -> None:
        shutil.rmtree(store, ignore_errors=True)

    def forget_docker() -> None:
        run(["/usr/bin/docker", "system", "prune", "-af", "--volumes"], docker_env)
        run(["/usr/bin/docker", "builder", "prune", "-af"], docker_env)

    def forget_buildah() -> None:
        run([*buildah, "rmi", "-af"], {})

    return [
        Tool(
            "lissom",
            lambda context, tag, cold: [*LISSOM, "--root", str(store), "build", "-q", "-t", tag, *(["--no-cache"] if cold else []), str(context)],
            forget_lissom,
            {},
        ),
        Tool(
            "docker",
            lambda context, tag, cold: ["/usr/bin/docker", "build", "-q", "-t", tag, *(["--no-cache"] if cold else []), str(context)],
            forget_docker,
            docker_env,
        ),
        Tool(
            "buildah",
            lambda context, tag, cold: [*buildah, "bud", "-q", "--layers", "--runtime", "runc", "--network", "host", "--tls-verify=false", "-t", tag, *(["--no-cache"] if cold else []), str(context)],
            forget_buildah,
            {},
        ),
    ]


@dataclass(frozen=True)
class Row:
    """One comparison. ``prepare`` writes the context, ``between`` is done before each timed build."""

    name: str
    title: str
    prepare: Callable[[Path], None]
    between: Callable[[Tool, Path], None]
    cold: bool = False


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def unchanged(context: Path) -> None:
    runs = "".join(f"RUN echo {n} > /made-{n}\n" for n in range(5))
    write(context / "Dockerfile", f"FROM {REGISTRY}/base\nWORKDIR /app\nCOPY . .\n{runs}ENV A=b\nCMD [\"sh\"]\n")
    for number in range(500):
        write(context / "src" / f"file-{number}.txt", f"{number}\n" * 50)


def small_files(context: Path) -> None:
    chance = random.Random(1)
    write(context / "Dockerfile", f"FROM {REGISTRY}/base\nCOPY tree /tree\n")
    for number in range(20_000):
        write(context / "tree" / f"d{number % 200}" / f"f{number}", f"{chance.random()}\n" * chance.randrange(20, 200))


def graph(context: Path) -> None:
    stages = "".join(
        f"FROM {REGISTRY}/base AS s{n}\nRUN sleep 1; i=0; while [ $i -lt 200 ]; do echo $i > /out-{n}-$i; i=$((i+1)); done\n"
        for n in range(10)
    )
    copies = "".join(f"COPY --from=s{n} /out-{n}-1 /\n" for n in range(10))
    write(context / "Dockerfile", f"{stages}FROM {REGISTRY}/base\n{copies}")


def pulled(context: Path) -> None:
    write(context / "Dockerfile", f"FROM {REGISTRY}/big\nRUN echo done > /done\n")


def one_line(context: Path) -> None:
    runs = "".join(f"RUN mkdir /d{n} && cp -r /bin/busybox /d{n}/ && echo {n}\n" for n in range(12))
    write(context / "Dockerfile", f"FROM {REGISTRY}/base\n{runs}RUN echo 0 > /last\n")


def nothing(_: Tool, __: Path) -> None:
    """Keep everything as it is."""


def forget(tool: Tool, _: Path) -> None:
    tool.reset()


def edit(_: Tool, context: Path) -> None:
    text = (context / "Dockerfile").read_text().splitlines()
    text[-1] = f"RUN echo {time.time_ns()} > /last"
    (context / "Dockerfile").write_text("\n".join(text) + "\n")


ROWS = (
    Row("unchanged", "nothing-changed rebuild", unchanged, nothing),
    Row("copy", "COPY of 20,000 small files, with the layer written", small_files, nothing, cold=True),
    Row("graph", "ten stages of independent RUNs", graph, nothing, cold=True),
    Row("pull", "500 MB base pulled, unpacked and run in", pulled, forget),
    Row("edit", "one line changed in a RUN-heavy build", one_line, edit),
)


def measure(row: Row, tool: Tool, context: Path, runs: int) -> list[float]:
    command = tool.build(context, f"bench-{row.name}", row.cold)
    if row.between is not forget:
        run(command, tool.environment)
    times = []
    for _ in range(runs):
        row.between(tool, context)
        times.append(run(command, tool.environment))
    return times


@contextlib.contextmanager
def services(scratch: Path) -> Iterator[str]:
    """A registry with the two bases, and a dockerd of our own; gives DOCKER_HOST."""
    config = scratch / "registry.yml"
    config.write_text(
        f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {scratch}/registry\nhttp:\n  addr: {REGISTRY}\n"
    )
    socket = f"unix://{scratch}/docker.sock"
    with contextlib.ExitStack() as held:
        for command in (
            ["docker-registry", "serve", str(config)],
            ["dockerd", "-H", socket, "--data-root", f"{scratch}/docker", "--exec-root", f"{scratch}/exec", "-p", f"{scratch}/pid",
             "--iptables=false", "--bridge=none", "--storage-driver", "overlay2"],
        ):  # fmt: skip
            log = held.enter_context((scratch / f"{command[0]}.log").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log)
            held.callback(process.wait)
            held.callback(process.terminate)
        for _ in range(100):
            ready = subprocess.run(
                ["/usr/bin/docker", "info"], env={**os.environ, "DOCKER_HOST": socket}, capture_output=True, check=False
            )
            if ready.returncode == 0:
                break
            time.sleep(0.2)
        else:
            raise SystemExit((scratch / "dockerd.log").read_text()[-2000:])
        publish(scratch)
        yield socket


def publish(scratch: Path) -> None:
    """Make ``base`` (busybox) and ``big`` (500 MB in files of many sizes, four layers) with lissom and push them."""
    store = ["--root", str(scratch / "maker")]
    base = scratch / "base-context"
    shutil.copy(shutil.which("busybox") or "/bin/busybox", base.mkdir() or base / "busybox")
    write(base / "Dockerfile", 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "/bin"]\nRUN mkdir -m 1777 /tmp\nCMD ["sh"]\n')
    run([*LISSOM, *store, "build", "-q", "-t", f"{REGISTRY}/base:latest", "--push", str(base)], {})
    chance = random.Random(2)
    big = scratch / "big-context"
    block = b"".join(chance.randbytes(512) * 3 for _ in range(700))
    for layer in range(4):
        for number in range(2500):
            path = big / f"l{layer}" / f"d{number % 50}" / f"f{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            start = chance.randrange(len(block) // 2)
            path.write_bytes(block[start : start + chance.randrange(100, 1500)] if number % 10 else block[start:] * chance.choice((0, 1)))
        (big / f"l{layer}" / "large").write_bytes(chance.randbytes(30 << 20) + block * 20)
    copies = "".join(f"COPY l{n} /l{n}\n" for n in range(4))
    write(big / "Dockerfile", f"FROM {REGISTRY}/base\n{copies}")
    run([*LISSOM, *store, "build", "-q", "-t", f"{REGISTRY}/big:latest", "--push", str(big)], {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--row", action="append", choices=[row.name for row in ROWS])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="lissom-bench-", dir="/var/tmp") as name:
        scratch = Path(name)
        with services(scratch) as host:
            print(f"{'seconds, median of ' + str(given.runs):<52} {'lissom':>8} {'docker':>8} {'buildah':>8}   docker/lissom buildah/lissom")
            for row in ROWS:
                if given.row and row.name not in given.row:
                    continue
                context = scratch / f"context-{row.name}"
                row.prepare(context)
                medians = {t.name: statistics.median(measure(row, t, context, given.runs)) for t in tools(scratch, host)}
                results[row.name] = medians
                mine = medians["lissom"]
                print(
                    f"{row.title:<52} {mine:8.2f} {medians['docker']:8.2f} {medians['buildah']:8.2f}"
                    f" {medians['docker'] / mine:14.1f} {medians['buildah'] / mine:14.1f}",
                    flush=True,
                )
        if given.json:
            given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
