"""The clients that ``transfer.py`` compares: what each runs for a row, and what it must have done before."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TOOLS", "Command", "Tool", "Way"]

Command = Sequence[str]
ALL = frozenset({"unpack", "pull", "push", "copy", "far", "changed"})


@dataclass(frozen=True)
class Way:
    """Where a run finds things: the full registry, an empty one, the full one far away, and room for state."""

    full: str
    empty: str
    far: str
    state: Path


class Tool:
    """One client. ``before`` is done off the clock, ``timed`` on it; ``rows`` are those that it can do."""

    name = ""
    program = ""
    rows = ALL
    environment: Mapping[str, str] = {}

    def start(self, scratch: Path) -> None: ...

    def stop(self) -> None: ...

    def before(self, row: str, way: Way) -> Sequence[Command]:
        if row == "push":
            return self.pull(way.full, way.state)
        return self.unpack(way.full, way.state) if row == "changed" else ()

    def timed(self, row: str, way: Way) -> Sequence[Command]:
        if row == "unpack":
            return self.unpack(way.full, way.state)
        if row == "changed":
            return self.unpack(way.full, way.state, "2")
        if row == "push":
            return self.push(way)
        if row == "copy":
            return self.copy(way)
        return self.pull(way.far if row == "far" else way.full, way.state)

    def after(self, way: Way) -> None:
        """Let go of the state of a run."""

    def pull(self, host: str, state: Path) -> Sequence[Command]:
        raise NotImplementedError

    def unpack(self, host: str, state: Path, tag: str = "1") -> Sequence[Command]:
        raise NotImplementedError

    def push(self, way: Way) -> Sequence[Command]:
        raise NotImplementedError

    def copy(self, way: Way) -> Sequence[Command]:
        raise NotImplementedError

    def daemon(self) -> int | None:
        """The process id of what really does the work."""
        return None


class Lissom(Tool):
    name = "lissom"
    program = sys.executable
    # As installed: a checkout would be compiled at every start where the environment forbids to keep bytecode.
    environment: Mapping[str, str] = {"PYTHONDONTWRITEBYTECODE": ""}

    def command(self, state: Path, *words: str) -> Sequence[Command]:
        return [[sys.executable, "-m", "lissom", "--root", str(state), "--progress", "quiet", *words]]

    def pull(self, host: str, state: Path) -> Sequence[Command]:
        return self.command(state, "pull", f"{host}/bench:1")

    def unpack(self, host: str, state: Path, tag: str = "1") -> Sequence[Command]:
        return self.command(state, "pull", "--unpack", f"{host}/bench:{tag}")

    def push(self, way: Way) -> Sequence[Command]:
        return self.command(way.state, "push", f"{way.full}/bench:1", f"{way.empty}/pushed:1")

    def copy(self, way: Way) -> Sequence[Command]:
        return self.command(way.state, "copy", f"docker://{way.full}/bench:1", f"docker://{way.empty}/copied:1")


class Skopeo(Tool):
    name = "skopeo"
    program = "skopeo"

    def after(self, way: Way) -> None:
        subprocess.run(["umount", f"{way.state}/root/overlay"], check=False, capture_output=True)

    def between(self, source: str, target: str) -> Sequence[Command]:
        return [["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", source, target]]

    def pull(self, host: str, state: Path) -> Sequence[Command]:
        return self.between(f"docker://{host}/bench:1", f"oci:{state}/layout:1")

    def unpack(self, host: str, state: Path, tag: str = "1") -> Sequence[Command]:
        where = f"[overlay@{state}/root+{state}/run]"
        return self.between(f"docker://{host}/bench:{tag}", f"containers-storage:{where}bench:{tag}")

    def push(self, way: Way) -> Sequence[Command]:
        return self.between(f"oci:{way.state}/layout:1", f"docker://{way.empty}/pushed:1")

    def copy(self, way: Way) -> Sequence[Command]:
        return self.between(f"docker://{way.full}/bench:1", f"docker://{way.empty}/copied:1")


class Umoci(Skopeo):
    """skopeo with umoci, which unpacks."""

    name = "skopeo+umoci"
    program = "umoci"
    rows = frozenset({"unpack", "changed"})

    def unpack(self, host: str, state: Path, tag: str = "1") -> Sequence[Command]:
        unpacked = ["umoci", "unpack", "--image", f"{state}/layout:{tag}", f"{state}/bundle-{tag}"]
        return [*self.between(f"docker://{host}/bench:{tag}", f"oci:{state}/layout:{tag}"), unpacked]


class Crane(Tool):
    name = "crane"
    program = "crane"
    rows = ALL - {"unpack", "changed"}

    def pull(self, host: str, state: Path) -> Sequence[Command]:
        return [["crane", "pull", "--insecure", "--format", "oci", f"{host}/bench:1", f"{state}/layout"]]

    def push(self, way: Way) -> Sequence[Command]:
        return [["crane", "push", "--insecure", f"{way.state}/layout", f"{way.empty}/pushed:1"]]

    def copy(self, way: Way) -> Sequence[Command]:
        return [["crane", "copy", "--insecure", f"{way.full}/bench:1", f"{way.empty}/copied:1"]]


class Docker(Tool):
    name = "docker"
    program = "dockerd"
    rows = ALL - {"pull", "copy"}

    def start(self, scratch: Path) -> None:
        client = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"
        socket_, state = f"unix://{scratch}/docker.sock", scratch / "docker"
        self.client = [client, "-H", socket_]
        state.mkdir()
        places = ["--data-root", f"{state}/data", "--exec-root", f"{state}/exec", "-p", f"{state}/pid"]
        flags = ["--iptables=false", "--bridge=none", "--storage-driver=overlay2"]
        with (scratch / "dockerd.log").open("wb") as log:
            self.process = subprocess.Popen(["dockerd", "-H", socket_, *places, *flags], stdout=log, stderr=log)
        for _ in range(100):
            if not subprocess.run([*self.client, "info"], check=False, capture_output=True).returncode:
                return
            time.sleep(0.2)
        self.stop()
        raise SystemExit(f"dockerd did not start: see {scratch}/dockerd.log")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def daemon(self) -> int | None:
        return self.process.pid

    def before(self, row: str, way: Way) -> Sequence[Command]:
        forget = [[*self.client, "image", "prune", "-af"]]
        first = f"{way.full}/bench:1"
        if row == "changed":
            return [*forget, [*self.client, "pull", "-q", first]]
        if row == "push":
            return [*forget, [*self.client, "pull", "-q", first], [*self.client, "tag", first, f"{way.empty}/pushed:1"]]
        return forget

    def unpack(self, host: str, state: Path, tag: str = "1") -> Sequence[Command]:
        del state  # the daemon has its own
        return [[*self.client, "pull", "-q", f"{host}/bench:{tag}"]]

    def pull(self, host: str, state: Path) -> Sequence[Command]:
        return self.unpack(host, state)  # it keeps nothing packed

    def push(self, way: Way) -> Sequence[Command]:
        return [[*self.client, "push", "-q", f"{way.empty}/pushed:1"]]


TOOLS = (Lissom, Docker, Skopeo, Umoci, Crane)
