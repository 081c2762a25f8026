"""The ledger of an image from one pass over each of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lissom.analysis.ledger.dive import dive
from lissom.analysis.ledger.owners import assign, weigh
from lissom.analysis.ledger.reach import reach
from lissom.analysis.ledger.scan import Scan
from lissom.analysis.ledger.share import Fate, LayerShare, Ledger, Share, Step
from lissom.analysis.ledger.standing import Standing
from lissom.analysis.ledger.steps import read_steps
from lissom.analysis.ledger.waste import classify, wastes
from lissom.analysis.packages import Packages, read_packages
from lissom.analysis.secrets import Secret, secrets_in_config
from lissom.image.image import Image
from lissom.rootfs.entry import Kind

__all__ = ["Origin", "ledger_of"]


@dataclass(frozen=True)
class Origin:
    """What is known of where an image comes from. ``base_layers`` of its layers are those of the image ``base``, and
    ``base_steps`` lines of its history (None: not known). ``lines`` are first and last line in ``file`` by number of
    the history's line. ``shared`` are digests of layers that other images have.
    """

    base: str = ""
    base_layers: int = 0
    base_steps: int | None = None
    lines: Mapping[int, tuple[int, int]] | None = None
    file: str | None = None
    shared: frozenset[str] = frozenset()


def ledger_of(image: Image, name: str, scans: Sequence[Scan], origin: Origin) -> Ledger:
    """Put the ledger together; ``scans`` are of the image's layers, the lowest first. Raises IntegrityError."""
    standing = Standing()
    for number, scan in enumerate(scans):
        standing.apply(scan, number)
    shares = standing.shares
    live = [share for share in shares if share.fate is Fate.LIVE]
    packages = read_packages(standing.tree())
    assign(packages, live)
    _note_secrets(shares, scans, packages)
    config = image.config.config
    reached = reach(packages, config, scans)
    symbols = {(n, path): found for n, scan in enumerate(scans) for path, found in scan.symbols.items()}
    classify(shares, reached.unreached, symbols)
    rows = wastes(shares, symbols)
    steps = read_steps(
        image.config.history, len(scans), base_layers=origin.base_layers, base_steps=origin.base_steps,
        lines=origin.lines, file=origin.file,
    )  # fmt: skip
    layers = _layers(image, shares, scans, steps, origin)
    told = dive(scans)
    return Ledger(
        name=name,
        digest=str(image.digest),
        platform=str(image.platform),
        size=sum(share.size for share in shares),
        live=sum(share.size for share in live),
        links=sum(_links(scan) for scan in scans),
        layers=layers,
        steps=tuple(_with_sizes(step, layers) for step in steps),
        shares=tuple(shares),
        wastes=rows,
        dive_efficiency=told.efficiency,
        dive_wasted=told.wasted,
        packages=weigh(live),
        essential=reached.essential,
        secrets=(*secrets_in_config(config, image.config.history), *_secrets(shares)),
        base=origin.base,
        dockerfile=origin.file or "",
    )


def _links(scan: Scan) -> int:
    entries = scan.changeset.entries.values()
    return sum(len(e.link.encode("utf-8", "surrogateescape")) for e in entries if e.kind is Kind.SYMLINK)


def _note_secrets(shares: Sequence[Share], scans: Sequence[Scan], packages: Packages) -> None:
    """What looks like a secret and came with no package of the system."""
    if not any(scan.secrets for scan in scans):
        return
    for share in shares:
        found = scans[share.layer].secrets.get(share.path)
        if found is not None and not share.link and packages.owner(share.path) is None:
            share.secret = found


def _secrets(shares: Sequence[Share]) -> list[Secret]:
    """One for each place; a later layer's is the one that counts."""
    found: dict[tuple[str, str], Secret] = {}
    for share in shares:
        if share.secret:
            place = share.path.rpartition("/")[0] if share.secret.endswith("repository") else share.path
            found[place, share.secret] = Secret(place, share.secret, share.layer + 1, share.fate is not Fate.LIVE)
    return [found[key] for key in sorted(found)]


def _layers(
    image: Image, shares: Sequence[Share], scans: Sequence[Scan], steps: Sequence[Step], origin: Origin
) -> tuple[LayerShare, ...]:
    sums = [[0, 0, 0, 0] for _ in scans]
    for share in shares:
        row = sums[share.layer]
        row[0] += share.size
        row[1] += share.size if share.fate is Fate.LIVE else 0
        row[2] += share.wasted
        row[3] += 1
    made = {step.layer: step.number for step in steps if step.layer is not None}
    return tuple(
        LayerShare(
            number=number,
            digest=str(layer.descriptor.digest),
            diff_id=str(layer.diff_id),
            size=size,
            live=live,
            waste=waste,
            tar=scan.tar,
            compressed=layer.descriptor.size,
            files=files,
            step=made.get(number),
            base=number < origin.base_layers,
            shared=str(layer.descriptor.digest) in origin.shared,
        )
        for number, (layer, scan, (size, live, waste, files)) in enumerate(zip(image.layers, scans, sums, strict=True))
    )


def _with_sizes(step: Step, layers: Sequence[LayerShare]) -> Step:
    return step if step.layer is None else replace(step, size=layers[step.layer].size, live=layers[step.layer].live)
