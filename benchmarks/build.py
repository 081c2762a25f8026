"""Builds against docker (BuildKit) and buildah, in one run, as ratios of medians.

    python benchmarks/build.py [--runs N] [--row NAME]... [--tool NAME]... [--json FILE]

Starts a private dockerd and a docker-registry and ends them. Needs root, docker.io, buildah, runc, docker-registry and
busybox-static; the base images are made here, nothing is fetched. Seconds are wall time; the CPU time of lissom stands
beside it, because a daemon's cannot be told apart.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LISSOM = [sys.executable, "-m", "lissom"]
DOCKER = "/usr/bin/docker"
REGISTRY = "127.0.0.1:5055"
LAYERS = 5


class Tool:
    """One builder and its state below ``scratch``: how it builds, and how it forgets all that it knows.

    What was known is moved aside, never removed: ext4 makes files ten times slower for minutes after many were removed.
    """

    name = ""
    environment: Mapping[str, str] = {}

    def __init__(self, scratch: Path) -> None:
        self.state = scratch / self.name

    def command(self) -> list[str]:
        raise NotImplementedError

    def build(self, context: Path, *, cold: bool) -> tuple[float, float]:
        extra = ["--no-cache"] if cold else []
        return run([*self.command(), *extra, "-t", f"bench-{context.name}", str(context)], self.environment)

    def reset(self) -> None:
        if self.state.exists():
            self.state.rename(f"{self.state}-{time.monotonic_ns()}")

    def stop(self) -> None:
        pass


class Lissom(Tool):
    name = "lissom"
    # As installed: a checkout would be compiled at every start where the environment forbids to keep bytecode.
    environment: Mapping[str, str] = {"PYTHONDONTWRITEBYTECODE": ""}

    def command(self) -> list[str]:
        return [*LISSOM, "--root", str(self.state), "build", "-q"]


class Buildah(Tool):
    name = "buildah"
    environment: Mapping[str, str] = {"BUILDAH_FORMAT": "docker"}

    def command(self) -> list[str]:
        where = ["--root", f"{self.state}/root", "--runroot", f"{self.state}/run", "--storage-driver", "overlay"]
        flags = ["--layers", "--runtime", "runc", "--network", "host", "--tls-verify=false"]
        return ["buildah", *where, "bud", "-q", *flags]

    def stop(self) -> None:
        if self.state.exists():
            run(["umount", f"{self.state}/root/overlay"], check=False)

    def reset(self) -> None:
        self.stop()
        super().reset()


class Docker(Tool):
    name = "docker"

    def __init__(self, scratch: Path) -> None:
        super().__init__(scratch)
        self.socket = f"unix://{scratch}/docker.sock"
        self.environment = {"DOCKER_HOST": self.socket, "DOCKER_BUILDKIT": "1"}
        self.log = (scratch / "dockerd.log").open("wb")
        self.daemon: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        if self.daemon is None:
            self.start()
        return [DOCKER, "build", "-q", "--network", "host"]

    def start(self) -> None:
        places = ["--data-root", f"{self.state}/data", "--exec-root", f"{self.state}/exec", "-p", f"{self.state}/pid"]
        flags = ["--iptables=false", "--bridge=none", "--storage-driver=overlay2"]
        self.state.mkdir(exist_ok=True)
        self.daemon = subprocess.Popen(
            ["dockerd", "-H", self.socket, *places, *flags], stdout=self.log, stderr=self.log
        )
        for _ in range(100):
            if not subprocess.run([DOCKER, "-H", self.socket, "info"], check=False, capture_output=True).returncode:
                return
            time.sleep(0.2)
        raise SystemExit(f"dockerd did not start: see {self.log.name}")

    def stop(self) -> None:
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()
        self.daemon = None

    def reset(self) -> None:
        self.stop()
        super().reset()


TOOLS = (Lissom, Docker, Buildah)


def run(command: list[str], environment: Mapping[str, str] | None = None, *, check: bool = True) -> tuple[float, float]:
    """Wall and CPU seconds of a command; what was not written yet is written before, at nobody's cost."""
    os.sync()
    used, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    wall, now = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


@dataclass(frozen=True)
class Row:
    """One comparison. ``prepare`` writes the context, ``change`` is done before each timed build."""

    name: str
    title: str
    prepare: Callable[[Path], None]
    change: Callable[[Tool, Path], None] = lambda _tool, _context: None
    cold: bool = False


def write(path: Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def unchanged(context: Path) -> None:
    runs = "".join(f"RUN echo {n} > /made-{n}\n" for n in range(8))
    write(context / "Dockerfile", f'FROM {REGISTRY}/base\nWORKDIR /app\nCOPY . .\n{runs}ENV A=b\nCMD ["sh"]\n')
    for number in range(500):
        write(context / "src" / f"file-{number}.txt", f"{number}\n" * 50)


def small_files(context: Path) -> None:
    chance = random.Random(1)
    write(context / "Dockerfile", f"FROM {REGISTRY}/base\nCOPY tree /tree\n")
    for number in range(20_000):
        write(context / "tree" / f"d{number % 200}" / f"f{number}", f"{chance.random()}\n" * chance.randrange(20, 200))


def graph(context: Path) -> None:
    work = "i=0; while [ $i -lt 300 ]; do echo $i > /out-{n}-$i; i=$((i+1)); done"
    stages = (
        f"FROM {REGISTRY}/base AS s{n}\nRUN {work.format(n=n)}\nRUN cat /out-{n}-* > /all-{n}\n" for n in range(10)
    )
    copies = "".join(f"COPY --from=s{n} /all-{n} /\n" for n in range(10))
    write(context / "Dockerfile", f"{''.join(stages)}FROM {REGISTRY}/base\n{copies}")


def pulled(context: Path) -> None:
    write(context / "Dockerfile", f"FROM {REGISTRY}/big\nRUN echo done > /done\n")


def many_runs(context: Path) -> None:
    runs = "".join(f"RUN mkdir /d{n} && cp /bin/busybox /d{n}/ && echo {n}\n" for n in range(12))
    write(context / "Dockerfile", f"FROM {REGISTRY}/base\n{runs}RUN echo 0 > /last\n")


def edit(_tool: Tool, context: Path) -> None:
    lines = (context / "Dockerfile").read_text().splitlines()
    lines[-1] = f"RUN echo {time.time_ns()} > /last"
    write(context / "Dockerfile", "\n".join(lines) + "\n")


ROWS = (
    Row("unchanged", "nothing-changed rebuild, 10 steps", unchanged),
    Row("copy", "COPY of 20,000 small files, layer written", small_files, cold=True),
    Row("graph", "ten stages of independent RUNs", graph, cold=True),
    Row("pull", "500 MB base pulled, unpacked and run in", pulled, lambda tool, _context: tool.reset()),
    Row("edit", "one line changed in a RUN-heavy build", many_runs, edit),
    Row("runs", "RUN-heavy build, nothing cached", many_runs, cold=True),
)


def measure(row: Row, tool: Tool, context: Path, times: int) -> tuple[float, float]:
    """Medians of wall and CPU seconds; the first build, which fetches the base, does not count."""
    if row.name != "pull":
        tool.build(context, cold=row.cold)
    found = []
    for _ in range(times):
        row.change(tool, context)
        found.append(tool.build(context, cold=row.cold))
    return statistics.median(wall for wall, _ in found), statistics.median(cpu for _, cpu in found)


@contextlib.contextmanager
def registry(scratch: Path) -> Iterator[None]:
    """A registry that ends with the block."""
    storage = f"storage:\n  filesystem:\n    rootdirectory: {scratch}/registry\n"
    write(scratch / "registry.yml", f"version: 0.1\n{storage}http:\n  addr: {REGISTRY}\n")
    with (scratch / "registry.log").open("wb") as out:
        process = subprocess.Popen(["docker-registry", "serve", f"{scratch}/registry.yml"], stdout=out, stderr=out)
        try:
            time.sleep(1)
            yield
        finally:
            process.terminate()
            process.wait()


def publish(scratch: Path) -> None:
    """Make ``base`` (busybox) and ``big`` (about 500 MB in layers of files of every size) and push them."""
    build = [*LISSOM, "--root", f"{scratch}/maker", "build", "-q", "--push", "-t"]
    busybox = shutil.which("busybox") or "/bin/busybox"
    write(scratch / "base" / "busybox", Path(busybox).read_bytes())
    (scratch / "base" / "busybox").chmod(0o755)
    install = 'RUN ["/bin/busybox", "--install", "/bin"]\nRUN mkdir -m 1777 /tmp\nCMD ["sh"]\n'
    write(scratch / "base" / "Dockerfile", f"FROM scratch\nCOPY busybox /bin/busybox\n{install}")
    run([*build, f"{REGISTRY}/base", f"{scratch}/base"])
    write_big(scratch / "big")
    run([*build, f"{REGISTRY}/big", f"{scratch}/big"])
    shutil.rmtree(scratch / "maker")


def write_big(big: Path) -> None:
    """25,000 files: most are small, most bytes are in large ones; three quarters compress as programs do."""
    chance = random.Random(2)
    words = [chance.randbytes(chance.randrange(4, 24)) for _ in range(400)]
    text, noise = b"".join(chance.choices(words, k=700_000)), chance.randbytes(8 << 20)
    copies = "".join(f"COPY l{n} /l{n}\n" for n in range(LAYERS))
    write(big / "Dockerfile", f"FROM {REGISTRY}/base\n{copies}")
    for layer in range(LAYERS):
        for number in range(5000):
            # Sizes as in a Debian image: median 2 KB, one file in two hundred about a megabyte.
            size = int(min(chance.lognormvariate(7.6, 1.7), 4 << 20)) if number % 500 else 4 << 20
            pool = noise if number % 4 == 0 else text
            start = chance.randrange(len(pool) - size)
            write(big / f"l{layer}" / f"d{number % 170}" / f"f{number}", pool[start : start + size])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--row", action="append", choices=[row.name for row in ROWS])
    parser.add_argument("--tool", action="append", choices=[tool.name for tool in TOOLS])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory(prefix="lissom-bench-", dir="/var/tmp") as name, registry(Path(name)):
        scratch = Path(name)
        publish(scratch)
        chosen = [tool(scratch) for tool in TOOLS if not given.tool or tool.name in given.tool]
        print(f"{f'seconds, median of {given.runs}':<44}" + "".join(f"{tool.name:>10}" for tool in chosen))
        try:
            for row in ROWS:
                if not given.row or row.name in given.row:
                    row.prepare(scratch / row.name)
                    found = {tool.name: measure(row, tool, scratch / row.name, given.runs) for tool in chosen}
                    results[row.name] = {name: wall for name, (wall, _) in found.items()}
                    print(line(row, found), flush=True)
        finally:
            for tool in chosen:
                tool.stop()
    if given.json:
        write(given.json, json.dumps(results, indent=2) + "\n")


def line(row: Row, found: Mapping[str, tuple[float, float]]) -> str:
    walls = "".join(f"{wall:10.2f}" for wall, _ in found.values())
    if "lissom" not in found:
        return f"{row.title:<44}{walls}"
    mine, cpu = found["lissom"]
    ratios = ", ".join(f"{name} {wall / mine:.1f}x" for name, (wall, _) in found.items() if name != "lissom")
    return f"{row.title:<44}{walls}   {ratios} (CPU {cpu:.2f})"


if __name__ == "__main__":
    main()
