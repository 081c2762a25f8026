"""What fixing makes of real apps' fat Dockerfiles: sizes, seconds, edits, and whether the probes pass.

    benchmarks/fix.py --root STORE --corpus DIR --work DIR [--builds N] [--slim] [APP…]

The store holds the base images by their names. ``DIR/apps/APP`` is an app's Dockerfile with ``probe.json``;
``DIR/build-apps --context`` makes its build context, a fresh one below ``--work`` each time. ``lissom fix --verify``
gets the probes and writes; with ``--slim`` what it wrote is built again and slimmed. Sizes are bytes of the layers'
files in MB (10^6), after slimming those of the tree.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LISSOM = str(Path(sys.executable).with_name("lissom"))
HEADER = ("app", "before", "after fix", "saved", "after fix and slim", "edits", "dropped", "builds", "s", "probes")


@dataclass(frozen=True)
class Bench:
    """Where everything is."""

    root: Path
    corpus: Path
    work: Path
    builds: int
    slim: bool

    def lissom(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = [LISSOM, "--root", str(self.root), "--progress", "plain", *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def row(self, app: str) -> tuple[str, ...]:
        """One app's line of the table."""
        context = self.work / app
        shutil.rmtree(context, ignore_errors=True)
        subprocess.run(
            [sys.executable, self.corpus / "build-apps", "--context", app, context], check=True, capture_output=True
        )
        begin = time.monotonic()
        probes = self.corpus / "apps" / app / "probe.json"
        done = self.lissom(
            "fix", context, "--verify", "--write", "--json", "--host-settings", "--probes", probes, "--patience", "3",
            "--builds", str(self.builds),
        )  # fmt: skip
        seconds = time.monotonic() - begin
        (self.work / f"{app}.log").write_text(done.stderr)
        if done.returncode:
            return (app, f"exit {done.returncode}: {_last(done.stderr)}", *[""] * (len(HEADER) - 2))
        account = json.loads(done.stdout)
        (self.work / f"{app}.json").write_text(done.stdout)
        before, after = account["before"]["size"], account["after"]["size"]
        return (
            app, _mb(before), _mb(after), f"{1 - after / before:.1%}", self.slimmed(app, context, probes),
            str(len(account["applied"])), str(len(account["dropped"])), str(account["builds"]), f"{seconds:.0f}",
            _probes(account["probes"]),
        )  # fmt: skip

    def slimmed(self, app: str, context: Path, probes: Path) -> str:
        """What slimming makes of the fixed image, which is built again from what was written."""
        if not self.slim:
            return ""
        built = self.lissom("build", "--host-settings", "-t", f"fixed/{app}:1", context)
        if built.returncode:
            return f"exit {built.returncode}: {_last(built.stderr)}"
        done = self.lissom("slim", f"fixed/{app}:1", "--probes", probes, "--patience", "3", "--json")
        if done.returncode:
            return f"exit {done.returncode}: {_last(done.stderr)}"
        return _mb(json.loads(done.stdout)["after"]["size"])


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _last(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.startswith("error")), text[-200:])


def _probes(verdict: dict[str, Any]) -> str:
    passed = sum(row["outcome"] == "passed" for row in verdict["rows"])
    return f"{passed}/{len(verdict['rows'])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--builds", type=int, default=8)
    parser.add_argument("--slim", action="store_true")
    parser.add_argument("apps", nargs="*")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.root, given.corpus.resolve(), given.work.resolve(), given.builds, given.slim)
    print("| " + " | ".join(HEADER) + " |")
    print("| --- |" + " ---: |" * (len(HEADER) - 1))
    for app in given.apps or sorted(path.parent.name for path in bench.corpus.glob("apps/*/probe.json")):
        print("| " + " | ".join(bench.row(app)) + " |", flush=True)


if __name__ == "__main__":
    main()
