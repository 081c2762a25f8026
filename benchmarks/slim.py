"""What slimming makes of real apps: sizes and seconds, beside the original, a hand-made image and another slimmer.

    benchmarks/slim.py --root STORE --corpus DIR [APP…]

The store holds the apps as ``corpus/APP:fat`` and, where there is one, the hand-made image as ``corpus/APP:good``;
``DIR/apps/APP/probe.json`` are the probes, the only exercise. What another slimmer made of the same apps is read from
``DIR/sizes.md``. Sizes are bytes of the unpacked tree in MB (10^6), each file once.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LISSOM = str(Path(sys.executable).with_name("lissom"))
LEVELS = ("strict", "file")


@dataclass(frozen=True)
class Other:
    """What another slimmer made: MB unpacked and seconds."""

    size: float
    seconds: float


def others(corpus: Path) -> dict[str, Other]:
    """The figures of the corpus's own measurement."""
    text = (corpus / "sizes.md").read_text()
    rows = text.partition("| app | fat | hand-made | slim |")[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("| ")]
    return {row[0]: Other(float(row[3]), float(row[4])) for row in cells if re.fullmatch(r"[\d.]+", row[3])}


def slim(root: Path, app: str, level: str, probes: Path) -> tuple[dict[str, Any], float]:
    """The account of one slim, and its seconds from start to end of the process."""
    begin = time.monotonic()
    done = subprocess.run(
        [LISSOM, "--root", root, "--progress", "quiet", "slim", f"corpus/{app}:fat", "-t", f"corpus/{app}:{level}",
         "--level", level, "--probes", probes, "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - begin
    if done.returncode:
        raise SystemExit(f"{app} at {level}: {done.stderr}")
    return json.loads(done.stdout), seconds


def hand_made(root: Path, app: str) -> float | None:
    """Unpacked MB of the hand-made image; None where there is none."""
    done = subprocess.run(
        [LISSOM, "--root", root, "images", "--json", f"corpus/{app}:good"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return found[0]["size"] / 1e6 if found else None


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("apps", nargs="*")
    arguments = parser.parse_args()
    known = others(arguments.corpus)
    apps = arguments.apps or sorted(path.parent.name for path in arguments.corpus.glob("apps/*/probe.json"))
    header = [
        "app",
        "original",
        "hand-made",
        "other",
        "strict",
        "file",
        "file, gzip",
        "saved",
        "s",
        "other, s",
        "start",
    ]
    print("| " + " | ".join(header) + " |")
    print("| --- |" + " ---: |" * (len(header) - 1))
    for app in apps:
        probes = arguments.corpus / "apps" / app / "probe.json"
        made = {level: slim(arguments.root, app, level, probes) for level in LEVELS}
        account, seconds = made["file"]
        before, after = account["before"]["size"] / 1e6, account["after"]["size"] / 1e6
        other = known.get(app)
        row = [
            app, shown(before), shown(hand_made(arguments.root, app)), shown(other.size if other else None),
            shown(made["strict"][0]["after"]["size"] / 1e6), shown(after),
            shown(account["after"]["compressed"] / 1e6), f"{1 - after / before:.1%}", shown(seconds),
            shown(other.seconds if other else None),
        ]  # fmt: skip
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
