"""Ledgers that were made up: a small one with every kind of thing in it, and one of very many files."""

from __future__ import annotations

from dataclasses import replace

from lissom.analysis.ledger.share import Fate, How, LayerShare, Ledger, Share, Step, Waste, WasteKind

MB = 1_000_000

STEPS = (
    Step(0, "/bin/sh -c #(nop) ADD file:1f2e in / ", 0, base=True),
    Step(1, '/bin/sh -c #(nop)  CMD ["bash"]', None, base=True),
    Step(2, "/bin/sh -c apt-get update", 1, base=True),
    Step(3, "RUN /bin/sh -c apt-get update && apt-get install -y gcc # buildkit", 2, (3, 6), "Dockerfile"),
    Step(4, "ENV A=1", None, (7, 7), "Dockerfile"),
    Step(5, "COPY . /app # buildkit", 3, (8, 8), "Dockerfile"),
    Step(6, "RUN /bin/sh -c chown -R app /app && rm -rf /opt/src # buildkit", 4, (9, 9), "Dockerfile"),
)

SHARES = (
    Share("usr/bin/bash", 20 * MB, 0, package="deb bash"),
    Share("usr/share/doc/bash/README", 2 * MB, 0, package="deb bash", waste=WasteKind.DOCS),
    Share("var/lib/dpkg/status", 1 * MB, 1, Fate.OVERWRITTEN, 2, How.FILE, waste=WasteKind.OVERWRITTEN),
    Share("var/lib/dpkg/status", 1 * MB, 2),
    Share("var/lib/apt/lists/deb_main", 30 * MB, 2, waste=WasteKind.PACKAGE_LISTS, detail="apt lists"),
    Share("usr/bin/gcc", 50 * MB, 2, package="deb gcc", waste=WasteKind.BUILD_TOOLS),
    Share("opt/src/a.c", 5 * MB, 2, Fate.DELETED, 4, How.PARENT, "opt/src", waste=WasteKind.DELETED),
    Share("app/model.bin", 40 * MB, 3, Fate.REWRITTEN, 4, How.FILE, waste=WasteKind.REWRITTEN),
    Share("app/.env", 63, 3, Fate.REWRITTEN, 4, How.FILE, waste=WasteKind.REWRITTEN),
    Share("app/copy.bin", 7 * MB, 3, waste=WasteKind.DUPLICATE, same_as="app/other.bin"),
    Share("app/other.bin", 7 * MB, 3),
    Share("app/model.bin", 40 * MB, 4),
    Share("app/.env", 63, 4, waste=WasteKind.SECRET),
)


def ledger(shares: tuple[Share, ...] = SHARES, steps: tuple[Step, ...] = STEPS, **fields) -> Ledger:
    """A ledger whose sums are those of ``shares``."""
    shares = tuple(replace(s, wasted=s.wasted or (s.size if s.waste else 0)) for s in shares)
    made = [step for step in steps if step.layer is not None]
    layers = tuple(layer_of(step, [share for share in shares if share.layer == step.layer]) for step in made)
    packages: dict[str, int] = {}
    for share in shares:
        if share.fate is Fate.LIVE:
            packages[share.package] = packages.get(share.package, 0) + share.size
    found = Ledger(
        "app:1", "sha256:" + "0" * 64, "linux/amd64", sum(layer.size for layer in layers), sum(packages.values()), 0,
        layers, steps, shares, wastes_of(shares), 0.95, 80 * MB, packages, dockerfile="Dockerfile",
    )  # fmt: skip
    return replace(found, **fields)


def layer_of(step: Step, shares: list[Share]) -> LayerShare:
    size = sum(share.size for share in shares)
    return LayerShare(
        step.layer, f"sha256:{step.layer:064}", f"sha256:{step.layer:064}", size,
        sum(share.size for share in shares if share.fate is Fate.LIVE), sum(share.wasted for share in shares),
        size + 512, size // 3, len(shares), step.number, step.base,
    )  # fmt: skip


def wastes_of(shares: tuple[Share, ...]) -> tuple[Waste, ...]:
    groups: dict[tuple, list[Share]] = {}
    for share in shares:
        if share.waste is not None:
            groups.setdefault((share.waste, share.layer, share.hidden_by, share.detail), []).append(share)
    found = [
        Waste(kind, layer, hidden, sum(s.wasted for s in some), len(some), tuple(s.path for s in some[:10]), detail)
        for (kind, layer, hidden, detail), some in groups.items()
    ]
    return tuple(sorted(found, key=lambda waste: -waste.size))


def large(count: int = 100_000) -> Ledger:
    """Very many files in ten layers, of which some are waste."""
    kinds = (None, None, None, WasteKind.DOCS, None, WasteKind.LANGUAGE_CACHE, None, None, WasteKind.DUPLICATE, None)
    steps = tuple(
        Step(n, f"RUN /bin/sh -c step {n} # buildkit", n, (n + 2, n + 2) if n else None, "Dockerfile", base=not n)
        for n in range(10)
    )
    shares = tuple(
        Share(
            f"usr/lib/part{n % 97}/modules{n % 1013}/file{n}.js", 100 + (n * 7919) % 60_000, n % 10,
            package=f"deb part{n % 97}", waste=kinds[n % 10],
        )
        for n in range(count)
    )  # fmt: skip
    return ledger(shares, steps)
