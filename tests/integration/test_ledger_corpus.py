"""The ledger of every image of the corpus: its sums, its lines, and docker's own figure.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger_scenes import ledger_of_image
from lissom.analysis.difference import weights
from lissom.analysis.ledger.share import Fate, Ledger
from lissom.api.analyze import analyze
from lissom.api.layer_sizes import unpacked_size
from lissom.api.world import World
from lissom.image.image import Image
from lissom.image.layers import read_layer, stacked
from lissom.rootfs.ownership import Ownership
from lissom.store.snapshots import Snapshots
from lissom.store.store import Store
from oracle import engine
from oracle.corpus import APPS, BASES, EACH_APP, MARKS, Corpus, each, lissom

pytestmark = [*MARKS, pytest.mark.skipif(not BASES, reason="LISSOM_CORPUS_BASES names no layout")]


def base_tags() -> list[str]:
    """One name for each image of the layout."""
    if not BASES:
        return ["-"]
    index = json.loads((Path(BASES) / "index.json").read_text())
    names = {each["digest"]: each["annotations"]["org.opencontainers.image.ref.name"] for each in index["manifests"]}
    return sorted(names.values())


def sums_hold(found: Ledger, store: Store, image: Image) -> None:
    by_layer, live = [0] * len(image.layers), 0
    for share in found.shares:
        by_layer[share.layer] += share.size
        live += share.size if share.fate is Fate.LIVE else 0
    assert by_layer == [unpacked_size(store, layer) for layer in image.layers]
    assert found.size == sum(by_layer) == sum(layer.size for layer in found.layers)
    assert found.live == live == sum(found.packages.values())
    assert found.live == sum(weights(stacked(read_layer(layer, store) for layer in image.layers)).values())
    assert sum(waste.size for waste in found.wastes) == sum(share.wasted for share in found.shares)
    assert all(share.wasted <= share.size for share in found.shares)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger") / "store"


@pytest.mark.parametrize("tag", base_tags())
def test_sums_hold_on_a_base(tag: str, place: Path) -> None:
    lissom(place, "copy", f"oci:{BASES}:{tag}", tag)
    with Store.at(place) as store:
        found = analyze(World(store, Snapshots(store, Ownership.KERNEL), reach=nowhere), tag)
        sums_hold(found, store, store.image(store.resolve(tag)))


def nowhere() -> object:
    raise AssertionError("nothing is fetched")


@EACH_APP
def test_sums_and_lines_hold_on_an_app(app: str, corpus: Corpus) -> None:
    name = corpus.image(app)
    with Store.at(corpus.directory / "store") as store:
        world = World(store, Snapshots(store, Ownership.KERNEL), reach=nowhere)
        image = store.image(store.resolve(name))
        found = analyze(world, name)
        sums_hold(found, store, image)
        packed = ledger_of_image(image)
    own = [step for step in found.steps if not step.base]
    assert own
    assert all(step.lines and step.file == "Dockerfile" for step in own)
    text = (corpus.directory / app / "Dockerfile").read_text().splitlines()
    assert all(text[step.lines[0] - 1].split()[0].upper() == step.instruction for step in own if step.lines)
    assert (packed.size, packed.live, packed.wasted(), packed.packages) == (
        found.size, found.live, found.wasted(), found.packages,
    )  # fmt: skip


@each([(app,) for app in APPS[:1]], "app")
def test_docker_reports_the_same_size(app: str, corpus: Corpus, docker: engine.Docker) -> None:
    name = corpus.image(app)
    with Store.at(corpus.directory / "store") as store:
        found = ledger_of_image(store.image(store.resolve(name)))
    with corpus.loaded(name, docker) as loaded:
        assert int(docker.check("inspect", "--format", "{{.Size}}", loaded)) == found.size + found.links
