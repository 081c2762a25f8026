"""What being watched costs an app: how long it takes to be ready, watched and not, in turns.

    benchmarks/watch.py --root STORE --corpus DIR [--runs 5] [APP…]

The store holds the apps as ``corpus/APP:fat``. Medians; what the sandbox itself takes counts on both sides.
"""

from __future__ import annotations

import argparse
import statistics
from contextlib import nullcontext
from pathlib import Path

from lissom.sandbox.ids import current_ownership
from lissom.sandbox.watch import Watcher
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
from lissom.verify.exercise import exercise
from lissom.verify.probes_file import load_probes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("apps", nargs="*")
    arguments = parser.parse_args()
    apps = arguments.apps or sorted(path.parent.name for path in arguments.corpus.glob("apps/*/probe.json"))
    print("| app | looks | ready, s | watched, s | slower |\n| --- | ---: | ---: | ---: | ---: |")
    with Store.at(arguments.root) as store:
        snapshots = Snapshots(store, current_ownership())
        for app in apps:
            image = store.image(store.resolve(f"corpus/{app}:fat"))
            probes = load_probes(arguments.corpus / "apps" / app / "probe.json")
            times: dict[bool, list[float]] = {False: [], True: []}
            looks = 0
            for number in range(2 * arguments.runs + 1):
                watched = bool(number % 2)
                with Watcher() if watched else nullcontext() as watcher:
                    seen = exercise(image, snapshots, probes, watch=watcher)
                if seen.ready is not None and number:  # the first run fills the page cache
                    times[watched].append(seen.ready)
                looks = sum(watcher.sightings().values()) if watcher is not None else looks
            plain, slow = (statistics.median(times[which]) for which in (False, True))
            print(f"| {app} | {looks:,} | {plain:.2f} | {slow:.2f} | {slow / plain - 1:+.0%} |", flush=True)


if __name__ == "__main__":
    main()
