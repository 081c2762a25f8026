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
from dataclasses import dataclass, field
from pathlib import Path

LISSOM = [sys.executable, "-m", "lissom"]
# As installed: an editable checkout would be compiled at every start where the environment forbids to keep bytecode.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
DOCKER = "/usr/bin/docker"
REGISTRY = "127.0.0.1:5055"
LAYERS = 5


@dataclass(frozen=True)
class Tool:
    """One builder: how it builds (the context comes last), and how it forgets all that it knows."""

    name: str
    command: list[str]
    forget: list[list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)

    def build(self, context: Path, *, cold: bool) -> tuple[float, float]:
        extra = ["--no-cache"] if cold else []
        return run([*self.command, *extra, "-t", f"bench-{context.name}", str(context)], self.environment)

    def reset(self) -> None:
        for command in self.forget:
            run(command, self.environment)


def run(command: list[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of a command; what it did not write yet is written before, at nobody's cost."""
    os.sync()
    used, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    wall, now = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def tools(scratch: Path, host: str) -> list[Tool]:
    store, root = scratch / "lissom", scratch / "containers"
    docker = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "1"}
    buildah = ["buildah", "--root", f"{root}/root", "--runroot", f"{root}/run", "--storage-driver", "overlay"]
    build = ["bud", "-q", "--layers", "--runtime", "runc", "--network", "host", "--tls-verify=false"]
    return [
        Tool("lissom", [*LISSOM, "--root", str(store), "build", "-q"], [["rm", "-rf", str(store)]], COMPILED),
        Tool(
            "docker",
            [DOCKER, "build", "-q", "--network", "host"],
            [[DOCKER, "builder", "prune", "-af"], [DOCKER, "system", "prune", "-af"]],
            docker,
        ),
        Tool("buildah", [*buildah, *build], [[*buildah, "rmi", "-af"]], {"BUILDAH_FORMAT": "docker"}),
    ]


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


def forget(tool: Tool, _context: Path) -> None:
    tool.reset()


def edit(_tool: Tool, context: Path) -> None:
    lines = (context / "Dockerfile").read_text().splitlines()
    lines[-1] = f"RUN echo {time.time_ns()} > /last"
    write(context / "Dockerfile", "\n".join(lines) + "\n")


ROWS = (
    Row("unchanged", "nothing-changed rebuild, 10 steps", unchanged),
    Row("copy", "COPY of 20,000 small files, layer written", small_files, cold=True),
    Row("graph", "ten stages of independent RUNs", graph, cold=True),
    Row("pull", "500 MB base pulled, unpacked and run in", pulled, forget),
    Row("edit", "one line changed in a RUN-heavy build", many_runs, edit),
    Row("runs", "RUN-heavy build, nothing cached", many_runs, cold=True),
)


def measure(row: Row, tool: Tool, context: Path, times: int) -> tuple[float, float]:
    """Medians of wall and CPU seconds; the first build, which fetches the base, does not count."""
    if row.change is not forget:
        tool.build(context, cold=row.cold)
    found = []
    for _ in range(times):
        row.change(tool, context)
        found.append(tool.build(context, cold=row.cold))
    return statistics.median(wall for wall, _ in found), statistics.median(cpu for _, cpu in found)


@contextlib.contextmanager
def services(scratch: Path) -> Iterator[str]:
    """A registry with the two bases, and a dockerd of our own; gives DOCKER_HOST."""
    socket, log = f"unix://{scratch}/docker.sock", scratch / "services.log"
    storage = f"storage:\n  filesystem:\n    rootdirectory: {scratch}/registry\n"
    write(scratch / "registry.yml", f"version: 0.1\n{storage}http:\n  addr: {REGISTRY}\n")
    dockerd = ["dockerd", "-H", socket, "--data-root", f"{scratch}/docker", "--exec-root", f"{scratch}/exec"]
    dockerd += ["-p", f"{scratch}/pid", "--iptables=false", "--bridge=none", "--storage-driver=overlay2"]
    with contextlib.ExitStack() as held:
        out = held.enter_context(log.open("wb"))
        for command in (["docker-registry", "serve", f"{scratch}/registry.yml"], dockerd):
            process = subprocess.Popen(command, stdout=out, stderr=out)
            held.callback(process.wait)
            held.callback(process.terminate)
        for _ in range(100):
            if not subprocess.run([DOCKER, "-H", socket, "info"], check=False, capture_output=True).returncode:
                break
            time.sleep(0.2)
        else:
            raise SystemExit(f"dockerd did not start:\n{log.read_text()[-2000:]}")
        yield socket


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
    words = [chance.randbytes(chance.randrange(4, 24)) for _ in range(3000)]
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
    parser.add_argument("--tool", action="append", choices=["lissom", "docker", "buildah"])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="lissom-bench-", dir="/var/tmp") as name, services(Path(name)) as host:
        scratch = Path(name)
        publish(scratch)
        chosen = [tool for tool in tools(scratch, host) if not given.tool or tool.name in given.tool]
        print(f"{f'seconds, median of {given.runs}':<44}" + "".join(f"{tool.name:>10}" for tool in chosen))
        for row in ROWS:
            if given.row and row.name not in given.row:
                continue
            row.prepare(scratch / row.name)
            found = {tool.name: measure(row, tool, scratch / row.name, given.runs) for tool in chosen}
            results[row.name] = {name: wall for name, (wall, _) in found.items()}
            print(line(row, found), flush=True)
        for tool in chosen:
            tool.reset()
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
