"""Squash of any layers, above any of them: the tree stays the same."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_stacks import Stack
from lissom.image.layers import tree
from lissom.image.mutate import squash
from memory_images import MemoryBlobs, image_of
from treedump import treedump


@given(st.integers(0, 1 << 32))
@settings(max_examples=120, deadline=None)
def test_merged_layers_make_the_same_tree(seed):
    blobs = MemoryBlobs()
    image = image_of(Stack(seed).layers, blobs)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        expected = contents(image, place / "before")
        for keep in range(len(image.layers) + 1):
            merged = squash(image, blobs, keep=keep, workspace=place)
            assert merged.layers[:keep] == image.layers[:keep]
            assert len(merged.layers) <= keep + 1 or merged is image
            assert contents(merged, place / f"after-{keep}") == expected


def contents(image, directory):
    directory.mkdir()
    return treedump(tree(image, directory=directory), times=True)
