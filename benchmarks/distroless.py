"""Images from Debian packages: how large they are and how long they take, in one run.

    python benchmarks/distroless.py [--runs N] [--sizes] [--times]

Sizes stand beside those of the published recipes: the same packages whole, with their documentation, as bazel unpacks
them. Times stand beside mmdebstrap, which unpacks the recipe's packages of the same archive into a tar
(``--variant=extract``, no scripts). Cold is with nothing on this machine: indexes and packages come from the archive.
Needs mmdebstrap, gpgv, and root or a user namespace for mmdebstrap. MB are 10^6 bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LISSOM = [sys.executable, "-m", "lissom"]
STATIC = "base-files ca-certificates media-types netbase tzdata"
BASE = f"{STATIC} libc6 libssl3"
CC = f"{BASE} gcc-12-base libgcc-s1 libgomp1 libstdc++6"
PYTHON = (
    f"{CC} libbz2-1.0 libc-bin libcom-err2 libcrypt1 libdb5.3 libexpat1 libffi8 libgssapi-krb5-2 libk5crypto3 "
    "libkeyutils1 libkrb5-3 libkrb5support0 liblzma5 libncursesw6 libnsl2 libpython3.11-minimal libpython3.11-stdlib "
    "libreadline8 libsqlite3-0 libtinfo6 libtirpc3 libuuid1 python3.11-minimal python3.11-venv zlib1g"
)
JAVA = (
    f"{STATIC} fontconfig-config fonts-dejavu-core libbrotli1 libbz2-1.0 libc6 libcrypt1 libexpat1 libfontconfig1 "
    "libfreetype6 libgcc-s1 gcc-12-base libjpeg62-turbo liblcms2-2 libpng16-16 libstdc++6 libuuid1 zlib1g "
    "openjdk-17-jre-headless"
)
NODE = (
    f"{CC} libbrotli1 libc-ares2 libicu72 libnghttp2-14 libnode108 libuv1 node-acorn node-cjs-module-lexer node-undici "
    "nodejs zlib1g"
)
RECIPES = {
    "static": STATIC, "base": BASE, "cc": CC, "python3": PYTHON, "nodejs": NODE, "java17": JAVA, "java-jlink": JAVA,
    "perl": "", "ruby": "",
}  # fmt: skip
"""What the published recipe of the same use takes, in Debian 12's names; there is none for two of them."""
TIMED = {"base": BASE, "python3": PYTHON}


class Bench:
    """A directory for everything; what was there is moved aside, since removing it would slow down what follows."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.count = 0

    def fresh(self) -> Path:
        self.count += 1
        directory = self.scratch / str(self.count)
        directory.mkdir()
        return directory

    def lissom(self, store: Path, *words: str) -> None:
        run([*LISSOM, "--root", str(store), "--progress", "quiet", "distroless", *words])

    def size(self, store: Path, spec: str) -> list[float]:
        """MB of files, of gzip, of zstd."""
        found: list[float] = []
        for compression in ("gzip", "zstd"):
            where = self.fresh()
            outputs = ("-o", f"type=oci,dest={where}/oci", "-o", f"type=tar,dest={where}/tree.tar")
            self.lissom(store, spec, "-t", "size", "--compression", compression, *outputs)
            if not found:
                with tarfile.open(where / "tree.tar") as tar:
                    found.append(sum(member.size for member in tar if member.isreg()) / 1e6)
            found.append(pulled(where / "oci") / 1e6)
            shutil.rmtree(where)
        return found


def pulled(layout: Path) -> int:
    """Bytes of all layers."""

    def document(digest: str) -> dict[str, list[dict[str, str]]]:
        return json.loads((layout / "blobs" / digest.replace(":", "/")).read_bytes())

    index = json.loads((layout / "index.json").read_bytes())
    return sum(int(layer["size"]) for layer in document(index["manifests"][0]["digest"])["layers"])


def run(command: list[str]) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # as installed
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")


def seconds(action: Callable[[], None]) -> float:
    os.sync()
    started = time.monotonic()
    action()
    return time.monotonic() - started


def sizes(bench: Bench, store: Path) -> None:
    print("| MB | files | gzip | zstd | recipe: files | gzip | zstd | files saved | gzip saved |")
    print("| --- |" + " ---: |" * 8)
    for name, recipe in RECIPES.items():
        ours = bench.size(store, name)
        row = [name, *(f"{value:.2f}" for value in ours)]
        if recipe:
            spec = bench.fresh() / "recipe.yaml"
            spec.write_text(f"packages: [{', '.join(recipe.split())}]\ndependencies: false\ntrim: []\n")
            theirs = bench.size(store, str(spec))
            row += [f"{value:.2f}" for value in theirs]
            row += [f"{1 - mine / other:.0%}" for mine, other in zip(ours[:2], theirs[:2], strict=True)]
        else:
            row += ["-"] * 5
        print("| " + " | ".join(row) + " |", flush=True)


def times(bench: Bench, runs: int) -> None:
    print(f"{f'seconds, median of {runs}':<24}{'lissom':>10}{'mmdebstrap':>12}{'ratio':>8}")
    for name, packages in TIMED.items():
        store = bench.fresh()
        cold = [seconds(lambda: bench.lissom(bench.fresh(), name, "-t", "x")) for _ in range(runs)]  # noqa: B023
        bench.lissom(store, name, "-t", "x")
        warm = []
        for _ in range(runs):
            kept = bench.fresh()
            shutil.copytree(store / "lissom/debian", kept / "lissom/debian")
            warm.append(seconds(lambda: bench.lissom(kept, name, "-t", "x")))  # noqa: B023
        again = [seconds(lambda: bench.lissom(store, name, "-t", "x")) for _ in range(runs)]  # noqa: B023
        command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(packages.split())}", "bookworm"]
        theirs = [seconds(lambda: run([*command, str(bench.fresh() / "tree.tar")])) for _ in range(runs)]  # noqa: B023
        other = statistics.median(theirs)
        for kind, found in (("cold", cold), ("packages there", warm), ("made before", again)):
            mine = statistics.median(found)
            print(f"{f'{name}, {kind}':<24}{mine:>10.2f}{other:>12.2f}{other / mine:>7.1f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", action="store_true", help="sizes only")
    parser.add_argument("--times", action="store_true", help="times only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lissom-bench-", dir="/var/tmp") as name:
        bench = Bench(Path(name))
        if not given.times:
            sizes(bench, bench.fresh())
        if not given.sizes:
            times(bench, given.runs)


if __name__ == "__main__":
    main()
