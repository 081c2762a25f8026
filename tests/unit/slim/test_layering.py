"""Layers of what stays: stacked they are what was to stay, and images share what they have in common."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lissom.rootfs.entry import Inline, Kind
from lissom.rootfs.tree import Changeset, Tree
from lissom.slim.layering import Part, changesets, common_layers, is_whole
from rule_scenes import tree_of

BASE = tree_of({"lib/a": "a", "lib/b": "b", "lib/c": "c", "etc/conf": "base"})


def over(tree, files, gone=()):
    """``tree`` with ``files`` laid over and ``gone`` taken away."""
    return tree.apply(Changeset(tree_of(files), frozenset(gone)))


def part(levels, *paths, changed=None):
    """An image of which ``paths`` stay."""
    tree = levels[-1]
    target = {"": tree[""]}
    for path in paths:
        steps = path.split("/")
        for number in range(1, len(steps) + 1):
            above = "/".join(steps[:number])
            target[above] = tree[above]
    return Part(levels, Tree({**target, **(changed or {})}), changed or {})


def stacked(layers):
    tree = Tree()
    for layer in layers:
        tree = tree.apply(layer) if layer is not None else tree
    return tree


def files(tree):
    return {path: entry.content for path, entry in tree.items() if entry.kind is Kind.FILE}


def test_one_layer_is_all_that_stays():
    image = part([BASE, over(BASE, {"app/x": "x"})], "lib/a", "app/x")
    ((layer,),) = changesets([image], 0, boundaries=False)
    assert set(layer.entries) - {""} == {"lib", "lib/a", "app", "app/x"}


def test_boundaries_keep_each_file_in_its_layer():
    second = over(BASE, {"app/x": "x"}, gone=["lib/c"])
    image = part([BASE, second, over(second, {"lib/b": "new"})], "lib/a", "lib/b", "app/x")
    (layers,) = changesets([image], 0, boundaries=True)
    assert [set(files(Tree(layer.entries))) for layer in layers] == [{"lib/a"}, {"app/x"}, {"lib/b"}]
    assert not any(layer.whiteouts for layer in layers)
    assert files(stacked(layers)) == files(image.target)


def test_a_layer_of_which_nothing_stays_is_none():
    second = over(BASE, {"junk": "j"})
    image = part([BASE, second, over(second, {"app/x": "x"})], "lib/a", "app/x")
    (layers,) = changesets([image], 0, boundaries=True)
    assert [layer is None for layer in layers] == [False, True, False]


def test_images_share_what_either_needs_of_their_base():
    one = part([BASE, over(BASE, {"app/one": "1"})], "lib/a", "app/one")
    two = part([BASE, over(BASE, {"app/two": "2"}, gone=["lib/a"])], "lib/b", "app/two")
    first, second = changesets([one, two], 1, boundaries=False)
    assert first[0] == second[0]
    assert set(files(Tree(first[0].entries))) == {"lib/a", "lib/b"}
    assert set(files(stacked(first))) == {"lib/a", "lib/b", "app/one"}
    assert set(files(stacked(second))) == {"lib/b", "app/two"}, "an image lacks what its own layers had removed"


def test_content_that_differs_between_images_is_not_shared():
    changed = replace(BASE["etc/conf"], content=Inline(b"less"), size=4)
    one = part([BASE, over(BASE, {"x": "1"})], "lib/a", "x", "etc/conf", changed={"etc/conf": changed})
    two = part([BASE, over(BASE, {"y": "2"})], "lib/a", "y", "etc/conf")
    first, second = changesets([one, two], 1, boundaries=False)
    assert first[0] == second[0]
    assert "etc/conf" not in first[0].entries
    assert files(stacked(first))["etc/conf"] == Inline(b"less")
    assert files(stacked(second))["etc/conf"] == BASE["etc/conf"].content


def test_common_layers():
    assert common_layers([["a", "b", "c"], ["a", "b", "d"]]) == 2
    assert common_layers([["a"], ["a", "b"]]) == 1
    assert common_layers([["x"], ["y"]]) == 0


NAMES = st.sampled_from(["a", "b", "d/x", "d/y", "d/e/z"])


@given(st.lists(st.tuples(st.dictionaries(NAMES, st.text("pq", max_size=2)), st.sets(NAMES)), min_size=1, max_size=4),
       st.sets(NAMES), st.booleans())  # fmt: skip
def test_stacked_layers_are_what_was_to_stay(steps, wanted, boundaries):
    levels, tree = [], Tree()
    for put, gone in steps:
        tree = over(tree, put, [path for path in gone if path in tree])
        levels.append(tree)
    image = part(levels, *sorted(path for path in wanted if path in tree))
    (layers,) = changesets([image], 0, boundaries=boundaries)
    assert dict(stacked(layers)) == dict(image.target)


def test_an_image_is_whole_when_nothing_goes_and_nothing_is_hidden():
    second = over(BASE, {"app/x": "x"})
    assert is_whole(part([BASE, second], "lib/a", "lib/b", "lib/c", "etc/conf", "app/x"))
    assert not is_whole(part([BASE, second], "lib/a", "lib/b", "lib/c", "etc/conf"))
    hidden = over(BASE, {"lib/b": "other"})
    assert not is_whole(part([BASE, hidden], "lib/a", "lib/b", "lib/c", "etc/conf"))
    removed = over(BASE, {}, gone=["lib/b"])
    assert not is_whole(part([BASE, removed], "lib/a", "lib/c", "etc/conf"))
    stripped = {"lib/a": replace(BASE["lib/a"], size=0)}
    assert not is_whole(part([BASE], "lib/a", "lib/b", "lib/c", "etc/conf", changed=stripped))
