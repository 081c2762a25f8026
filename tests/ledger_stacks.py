"""Random stacks of layers."""

from contextlib import suppress
from dataclasses import replace
from random import Random

from lissom.errors import IntegrityError
from lissom.image.layers import read_layer
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
