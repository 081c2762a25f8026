"""Properties of the ledger: its sums, whatever the layers do to each other."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_scenes import ledger_of_image
from ledger_stacks import Stack
from lissom.analysis.difference import weights
from lissom.analysis.ledger.share import Fate
from lissom.image.layers import read_layer, stacked
from lissom.rootfs.entry import Kind
from lissom.rootfs.tree import Tree
from memory_images import MemoryBlobs, image_of

HIDDEN = ("OVERWRITTEN", "REWRITTEN", "DELETED")


@given(st.integers(0, 1 << 32))
@settings(max_examples=250, deadline=None)
def test_shares_sum_to_layers_and_to_the_tree(seed):
    image = image_of(Stack(seed).layers, MemoryBlobs())
    read = [read_layer(layer, image.blobs) for layer in image.layers]
    found = ledger_of_image(image)
    by_layer, live = Counter(), 0
    for share in found.shares:
        by_layer[share.layer] += share.size
        live += share.size if share.fate is Fate.LIVE else 0
        assert (share.hidden_by is None) == (share.fate is Fate.LIVE) == (share.how is None)
        assert share.hidden_by is None or share.hidden_by > share.layer
        assert share.fate is not Fate.REWRITTEN or share.digest
    sums = [sum(weights(Tree(one.entries)).values()) for one in read]
    assert [by_layer[number] for number in range(len(read))] == sums == [layer.size for layer in found.layers]
    tree = stacked(read)
    assert found.live == live == sum(weights(tree).values()) == sum(found.packages.values())
    assert found.size == found.live + sum(s for k, s in found.wasted().items() if k.name in HIDDEN)
    assert sum(one.size for one in found.wastes) == sum(share.wasted for share in found.shares)
    alive = [share for share in found.shares if share.fate is Fate.LIVE]
    there = {path for path, entry in tree.items() if entry.kind is Kind.FILE}
    # Bytes of a lower layer that have names of upper ones only stay under the name that they came with.
    assert {share.path for share in alive} - {share.link for share in alive} <= there <= {one.path for one in alive}
    assert ledger_of_image(image, unpacked=True).live == live
