"""Pull, unpack, push and copy against skopeo, docker and crane, in one run, as ratios of medians.

    python benchmarks/transfer.py [--megabytes N] [--runs N] [--row NAME]... [--tool NAME]... [--json FILE]

The image is made of this machine's files: sixteen layers, thousands of files. Starts docker-registry twice, a proxy
that makes the way long, and as root a private dockerd; ends them all. ``peak`` is the largest resident set of any one
process of the tool, a daemon's included. Programs that are not installed are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from transfer_tools import TOOLS, Command, Tool, Way

ROWS = {
    "unpack": "pull, verify, unpack",
    "pull": "pull packed",
    "push": "push",
    "copy": "registry to registry",
    "far": "pull packed, 30 ms and 20 MB/s a connection",
    "changed": "pull and unpack again, one layer of 16 changed",
}


@dataclass(frozen=True)
class Measured:
    """Seconds of wall and of processor time, and the peak of memory in MB."""

    wall: float
    cpu: float
    peak: float


def run(tool: Tool, commands: Sequence[Command], *, log: Path) -> Measured:
    """Commands one after another; what was not written yet is written before, at nobody's cost."""
    os.sync()
    daemon = tool.daemon()
    if daemon:
        Path(f"/proc/{daemon}/clear_refs").write_text("5")  # its peak counts from now
    used, peak, started = ticks(daemon), 0.0, time.monotonic()
    for command in commands:
        with log.open("wb") as out:
            child = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **tool.environment})
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")
        used -= usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1000)
    wall = time.monotonic() - started
    if daemon:
        lines = Path(f"/proc/{daemon}/status").read_text().splitlines()
        peak = max(peak, *(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")))
    return Measured(wall, ticks(daemon) - used, peak)


def ticks(process: int | None) -> float:
    """Processor seconds of a process that runs, and of its children that ended."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[str]:
    """A docker-registry that keeps its data in ``folder``; its host."""
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    (folder / "registry.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: {host}}}\n"
    )
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(["docker-registry", "serve", f"{folder}/registry.yml"], stdout=quiet, stderr=quiet)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(host.split(":")[1]))):
                break
            time.sleep(0.05)
        yield host
    finally:
        child.terminate()
        child.wait()


@contextlib.contextmanager
def far_away(host: str) -> Iterator[str]:
    """The host as it looks from far away."""
    script = str(Path(__file__).with_name("throttle.py"))
    command = [sys.executable, script, host, "30", "20"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()


def measure(tool: Tool, row: str, base: Way, runs: int) -> Measured:
    """Medians of a row; state is moved on from, never removed on the clock: ext4 is slow for minutes after that."""
    found = []
    for _ in range(runs):
        place = base.state / f"{row}-{tool.name}-{time.monotonic_ns()}"
        place.mkdir()
        with registry(place / "registry") as empty:
            way = replace(base, empty=empty, state=place / "state")
            way.state.mkdir()
            run(tool, tool.before(row, way), log=place / "log")
            found.append(run(tool, tool.timed(row, way), log=place / "log"))
            tool.after(way)
        shutil.rmtree(place / "registry")
    return Measured(
        statistics.median(one.wall for one in found),
        statistics.median(one.cpu for one in found),
        max(one.peak for one in found),
    )


def compare(tools: Sequence[Tool], rows: Sequence[str], base: Way, runs: int) -> object:
    results: dict[str, dict[str, object]] = {}
    for row in rows:
        print(f"\n{ROWS[row]}")
        results[row], ours = {}, None
        for tool in tools:
            if row in tool.rows:
                found = measure(tool, row, base, runs)
                ours = ours or found
                results[row][tool.name] = asdict(found)
                print(line(tool, found, ours), flush=True)
    return results


def line(tool: Tool, found: Measured, ours: Measured) -> str:
    ratio = f"x{found.wall / ours.wall:.2f}"
    return f"  {tool.name:14} {found.wall:6.2f} s {ratio:>6}  {found.cpu:6.2f} s CPU  {found.peak:4.0f} MB peak"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--row", action="append", choices=list(ROWS))
    parser.add_argument("--tool", action="append", choices=[tool.name for tool in TOOLS])
    parser.add_argument("--scratch", help="where all state is kept meanwhile (default: the system's)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    tools = [
        tool() for tool in TOOLS
        if shutil.which(tool.program) and (not given.tool or tool.name in given.tool)
        and (tool.name != "docker" or os.geteuid() == 0)
    ]  # fmt: skip
    with (
        tempfile.TemporaryDirectory(prefix="lissom-transfer-", dir=given.scratch) as text,
        contextlib.ExitStack() as held,
    ):
        scratch = Path(text)
        full = held.enter_context(registry(scratch / "full"))
        # In a process of its own: whatever this one holds counts as its children's peak.
        maker = [sys.executable, str(Path(__file__).with_name("transfer_image.py")), full, str(given.megabytes)]
        print(subprocess.run(maker, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
        far = held.enter_context(far_away(full))
        for tool in tools:
            tool.start(scratch)
            held.callback(tool.stop)
        results = compare(tools, given.row or list(ROWS), Way(full, "", far, scratch), given.runs)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
