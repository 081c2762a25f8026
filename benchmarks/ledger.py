"""The ledger against dive on the same image: CPU seconds and memory of each, in one run, and their ratios.

Usage: python benchmarks/ledger.py IMAGE STORE [ROUNDS]; IMAGE is a name in the store, of about a gigabyte. Measured are
the ledger from packed layers that nobody looked at yet, from what is kept of that, and from unpacked layers; and dive
on the saved archive. Then an image of one wide directory whose 2,000 files are deleted one by one: dive takes minutes
for it. Dive is looked for beside Python and in PATH.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FILES = 2_000
_LEDGER = """
import sys
from pathlib import Path
from lissom.api.analyze import analyze
from lissom.api.world import World
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
with Store.at(Path(sys.argv[1])) as store:
    found = analyze(World(store, Snapshots(store, Ownership.KERNEL), lambda: None), sys.argv[2])
    assert found.size == sum(share.size for share in found.shares)
"""


def measured(command: Sequence[str | Path], **environment: str) -> tuple[float, float]:
    """CPU seconds, and megabytes at the most, of a command."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        with open(os.devnull, "wb") as nothing:
            done = subprocess.run(
                command, stdout=nothing, stderr=nothing, check=False, env={**os.environ, **environment}
            )
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(write, f"{done.returncode} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    code, cpu, memory = os.read(read, 200).decode().split()
    os.close(read), os.close(write)
    if int(code) not in (0, 1):  # dive ends with 1 when its rules do not hold
        raise SystemExit(f"`{' '.join(map(str, command))}` failed with {code}")
    return float(cpu), float(memory)


def lissom(store: Path, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "lissom", "--root", store, *arguments], check=True, capture_output=True)


def many_whiteouts(image: str, place: Path, store: Path) -> None:
    """An image of a wide directory, and a layer that deletes each of its files."""
    context = place / "context"
    (context / "wide").mkdir(parents=True)
    for number in range(FILES):
        (context / "wide" / f"{number}").write_bytes(os.urandom(512))
    (context / "Dockerfile").write_text(f"FROM {image}\nCOPY wide /wide\nRUN rm -rf /wide/*\n")
    lissom(store, "build", "-t", "whiteouts:1", context)


def row(what: str, figures: list[tuple[float, float]]) -> float:
    cpu, memory = min(cpu for cpu, _ in figures), max(memory for _, memory in figures)
    print(f"{what:44} {cpu:7.2f} s CPU {memory:7.0f} MB")
    return cpu


def forget(store: Path) -> None:
    """Remove what is kept of earlier looks."""
    for folder in store.rglob("scans"):
        shutil.rmtree(folder)


def look(what: str, store: Path, image: str, rounds: int, *, again: bool = False) -> float:
    figures = []
    for _ in range(rounds):
        if not again:
            forget(store)
        figures.append(measured([sys.executable, "-c", _LEDGER, store, image]))
    return row(what, figures)


def against(dive: str, ours: float, store: Path, image: str, rounds: int) -> None:
    place = store.parent
    archive = place / "image.tar"
    lissom(store, "save", image, "-o", archive)
    command = [dive, "--source", "docker-archive", archive, "--json", place / "dive.json"]
    theirs = row("dive", [measured(command, CI="true") for _ in range(rounds)])
    print(f"{'':44} {theirs / ours:.2f} times as long as the last")
    archive.unlink()


def main() -> None:
    image, store = sys.argv[1], Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    beside = Path(sys.executable).with_name("dive")
    dive = str(beside) if beside.exists() else shutil.which("dive")
    with tempfile.TemporaryDirectory(dir=store.parent) as scratch:
        place = Path(scratch)
        fresh = place / "store"
        lissom(store, "save", "--format", "oci", image, "-o", place / "image.oci.tar")
        lissom(fresh, "load", "-i", place / "image.oci.tar")
        (place / "image.oci.tar").unlink()
        print(f"{image}:")
        look("ledger, packed layers", fresh, image, rounds)
        again = look("ledger again", fresh, image, rounds, again=True)
        if dive:
            against(dive, again, fresh, image, rounds)
        lissom(fresh, "surface", image)
        look("ledger, unpacked layers", fresh, image, rounds)
        many_whiteouts(image, place, fresh)
        print(f"{FILES} whiteouts on it:")
        ours = look("ledger", fresh, "whiteouts:1", rounds)
        if dive:
            against(dive, ours, fresh, "whiteouts:1", 1)


if __name__ == "__main__":
    main()
