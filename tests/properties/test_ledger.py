"""Properties of the ledger: its sums, whatever the layers do to each other."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_scenes import ledger_of_image
from lissom.analysis.difference import weights
from lissom.analysis.ledger.share import Fate
from lissom.errors import IntegrityError
from lissom.image.layers import read_layer, stacked
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset, Tree
from memory_images import MemoryBlobs, image_of

CONTENTS = [b"", b"one", b"two", b"longer" * 200]
NAMES = ["a", "b", "c"]


class Stack:
    """A stack of layers that hold anything at all, made from one number: clashes of kinds, several names of a file in
    one layer or over several, parents left out, paths through links.
    """

    def __init__(self, seed):
        self.random = Random(seed)
        self.tree = Tree()
        self.layers = []
        for _ in range(self.random.randint(1, 5)):
            layer = self.layer()
            with suppress(IntegrityError):  # what is no image: a link to nothing, a parent that is no directory
                self.tree = self.tree.apply(read_back(layer))
                self.layers.append(layer)

    def layer(self):
        random, entries, groups = self.random, {}, {}
        for _ in range(random.randint(0, 7)):
            path = "/".join(random.choice(NAMES) for _ in range(random.randint(1, 3)))
            parents = [path.rsplit("/", n)[0] for n in range(1, path.count("/") + 1)]
            if path in entries or any(one in entries and not entries[one].is_directory for one in parents):
                continue
            if random.random() < 0.7:
                for one in parents:
                    entries.setdefault(one, Entry(one, Kind.DIRECTORY, 0o755))
            entries[path] = self.member(path, groups)
        below = [path for path in self.tree if path]
        gone = {random.choice(below) for _ in range(random.choice([0, 0, 1, 3])) if below}
        opaque = {path for path, entry in entries.items() if entry.is_directory and random.random() < 0.2}
        return Changeset.of(entries.values(), gone - entries.keys(), opaque)

    def member(self, path, groups):
        random = self.random
        kind = random.choice(["file", "file", "file", "linked", "linked", "link", "directory", "lower"])
        mode, data = random.choice([0o644, 0o755]), random.choice(CONTENTS)
        if kind == "directory":
            return Entry(path, Kind.DIRECTORY, mode)
        if kind == "link":
            return Entry(path, Kind.SYMLINK, 0o777, link=random.choice([*NAMES, "/a", "../b"]))
        files = [each for each, entry in self.tree.items() if entry.kind is Kind.FILE and each != path]
        if kind == "lower" and files:
            return Entry(path, Kind.HARDLINK, mode, link=random.choice(files))
        if kind != "linked":
            return Entry(path, Kind.FILE, mode, size=len(data), content=Inline(data))
        first = groups.setdefault(
            random.choice("12"), Entry(path, Kind.FILE, mode, size=len(data), inode=path, content=Inline(data))
        )
        return replace(first, path=path)


def read_back(changeset):
    image = image_of([changeset], MemoryBlobs())
    return read_layer(image.layers[0], image.blobs)


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


HIDDEN = ("OVERWRITTEN", "REWRITTEN", "DELETED")
