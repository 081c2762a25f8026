"""What images of packages share, for several numbers of layers, and what an update of one package moves. Prints MB.

Usage: python benchmarks/sharing.py [--root STORE] [SPEC…]; without one all ready specs that are laid out. Packages are
fetched once, into the store. docs/decisions/0004 has its figures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SPECS = ["static", "base", "cc", "python3", "nodejs", "perl", "ruby", "java17", "java-jlink"]
FAMILY = ["static", "base", "cc", "python3"]
BUDGETS = [1, 4, 6, 8, 10, 12]
UPDATED = ["libssl3", "libc6", "tzdata", "zlib1g", "libexpat1", "python3.11-minimal"]


def report(root: Path, spec: str, layers: int, directory: Path) -> dict[str, Any]:
    """Where everything comes from in the image of ``spec`` with at most so many layers."""
    own, told = directory / f"{spec}-{layers}.yaml", directory / f"{spec}-{layers}.json"
    own.write_text(f"name: sharing/{spec}\ninclude: {spec}\nlayers: {layers}\n")
    words = ["--root", str(root), "--progress", "quiet", "distroless", str(own), "--report", str(told)]
    subprocess.run([sys.executable, "-m", "lissom", *words], check=True, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


def blobs(reports: list[dict[str, Any]]) -> dict[str, int]:
    """Bytes of each different layer."""
    return {layer["diff_id"]: layer["compressed"] for one in reports for layer in one["layers"]}


def moved(reports: list[dict[str, Any]], package: str) -> int:
    """Bytes of the different layers that a new version of ``package`` changes; lists of sums on top are left out."""
    sums = f"/var/lib/dpkg/status.d/{package}.md5sums"
    found = {}
    for one in reports:
        rows = (row for row in one["present"] if row.get("package") == package and row["path"] != sums)
        for number in {row["layer"] for row in rows if row.get("kind") != "directory"}:
            layer = one["layers"][number - 1]
            found[layer["diff_id"]] = layer["compressed"]
    return sum(found.values())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path)
    parser.add_argument("specs", nargs="*", default=SPECS)
    given = parser.parse_args()
    print("at most", *(f"{name:>10.10}" for name in ["layers", "all", "different", "family", *UPDATED]))
    with tempfile.TemporaryDirectory(prefix="lissom-bench-") as name:
        root = given.root or Path(name) / "store"
        for budget in BUDGETS:
            reports = {spec: report(root, spec, budget, Path(name)) for spec in given.specs}
            every, family = list(reports.values()), [one for spec, one in reports.items() if spec in FAMILY]
            counts = sorted(len(one["layers"]) for one in every)
            sizes = [sum(sum(blobs([one]).values()) for one in every), sum(blobs(every).values())]
            sizes += [sum(blobs(family).values()), *(moved(every, package) for package in UPDATED)]
            print(
                f"{budget:>7} {f'{counts[0]}-{counts[-1]}':>10}",
                *(f"{size / 1e6:>10.2f}" for size in sizes),
                flush=True,
            )


if __name__ == "__main__":
    main()
