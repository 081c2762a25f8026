"""``lissom squash``, as a process of the real console script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import changeset_of
from lissom.image.image import Image
from lissom.image.layers import tree
from lissom.image.validate import validate
from lissom.oci.reference import Reference
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset
from treedump import treedump

BASE = {"etc/os-release": b"base", "usr/bin/sh": b"1" * 3000}


def hard_links() -> Changeset:
    """Two names of one file, one of which a later layer overwrites, and two of another, one of which it removes."""
    link = {"kind": Kind.FILE, "size": 4, "content": Inline(b"both")}
    files = [Entry(name, inode="1", **link) for name in ("app/a", "app/b")]
    return Changeset.of([*changeset_of({"app": None}).entries.values(), *files,
                         *(Entry(name, inode="2", **link) for name in ("app/c", "app/d"))])  # fmt: skip


@pytest.fixture
def app(image_of, store) -> Image:
    image_of(BASE, name="base:1")
    return image_of(
        BASE,
        hard_links(),
        Changeset.of([Entry("app/a", Kind.FILE, size=3, content=Inline(b"new"))], ["app/c"]),
        {"app/odd.wh.name": b"1", "app/dir.wh.d/x": b"2", "gone/1": b"1", "gone/2": b"2"},
        Changeset.of([*changeset_of({"gone/3": b"3"}).entries.values()], ["etc/os-release"], ["gone"]),
        name="app:1",
        Cmd=["/app/a"],
    )


def named(store, name: str) -> Image:
    image = store.image(store.resolve(name))
    validate(image)
    return image


def same(one: Image, other: Image, tmp_path: Path) -> bool:
    dumps = []
    for number, image in enumerate((one, other)):
        place = tmp_path / f"tars{number}-{image.digest.short}"
        place.mkdir(exist_ok=True)
        dumps.append(treedump(tree(image, directory=place), times=True))
    return dumps[0] == dumps[1]


def test_what_is_above_the_base_is_merged(run_cli, app, store, tmp_path) -> None:
    out = run_cli("squash", "--verify", "app:1", "-t", "app:2", "-t", "app:latest", check=True).out
    squashed = named(store, "app:2")
    assert named(store, "app:latest").digest == squashed.digest
    assert len(squashed.layers) == 2
    assert squashed.layers[0] == app.layers[0]
    assert squashed.config.config == app.config.config
    assert same(app, squashed, tmp_path)
    lines = out.splitlines()
    assert lines[0] == "4 layers above base:1 merged into one"
    assert lines[5].split() == ["layers", "5", "2"]
    assert lines[-3:] == ["Tagged: app:2", "Tagged: app:latest", str(squashed.digest)]
    assert "no longer shared" not in out


@pytest.mark.parametrize("above", ["0", "1", "2", "3", "base:1", "digest", "diff id"])
def test_from(run_cli, app, store, tmp_path, above: str) -> None:
    texts = {"digest": str(app.layers[1].descriptor.digest), "diff id": app.layers[1].diff_id.hex[:12]}
    kept = {"base:1": 1, "digest": 2, "diff id": 2}.get(above, int(above) if above.isdigit() else 0)
    run_cli("squash", "app:1", "--from", texts.get(above, above), "-t", "app:2", check=True)
    squashed = named(store, "app:2")
    assert squashed.layers[:kept] == app.layers[:kept]
    assert len(squashed.layers) == kept + 1
    assert same(app, squashed, tmp_path)


def test_what_is_no_longer_shared_is_told(run_cli, app, store, image_of) -> None:
    image_of(BASE, {"other": b"1"}, name="other:1")
    out = run_cli("squash", "app:1", "--from", "0", check=True).out
    shared = app.layers[0].descriptor.size
    assert f"{shared}B are no longer shared with other images of the store; --from 1 keeps what can be shared\n" in out
    document = json.loads(run_cli("squash", "app:1", "--from", "0", "--json", check=True).out)
    assert (document["unshared"], document["kept"], document["merged"], document["base"]) == (shared, 0, 5, "nothing")
    assert document["unpacked_before"] - document["unpacked_after"] == len("base") + 2


def test_the_base_that_the_annotation_names_is_kept(run_cli, app, store, tmp_path) -> None:
    middle = Image.make(app.layers[:2], {"architecture": "amd64", "os": "linux"}, store)
    store.put_manifest(middle.manifest.raw, middle.manifest.media_type, Reference.parse("middle:1"))
    told = {"org.opencontainers.image.base.digest": str(named(store, "base:1").digest)}
    image = Image.make(app.layers, app.config.document, store, annotations=told)
    store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse("told:1"))
    run_cli("squash", "told:1", "-t", "told:2", check=True)
    assert len(named(store, "told:2").layers) == 2
    run_cli("squash", "app:1", "-t", "app:2", check=True)
    assert len(named(store, "app:2").layers) == 3


def test_without_a_name_the_image_is_kept_by_its_digest(run_cli, app, store) -> None:
    digest = run_cli("squash", "-q", "app:1", check=True).out.strip()
    assert len(named(store, digest).layers) == 2


def test_one_layer_is_left_alone(run_cli, image_of, store) -> None:
    image = image_of(BASE, name="one:1")
    out = run_cli("squash", "one:1", "-t", "two:1", check=True).out
    assert out == f"{image.digest}: nothing to merge\n"
    assert named(store, "two:1").digest == image.digest


def test_the_same_input_gives_the_same_digest(run_cli, app) -> None:
    runs = {run_cli("squash", "-q", "app:1", check=True).out for _ in range(2)}
    assert len(runs) == 1
    late = run_cli("squash", "-q", "app:1", "--timestamp", "1", check=True).out
    assert {run_cli("squash", "-q", "app:1", env={"SOURCE_DATE_EPOCH": "1"}, check=True).out} == {late} != runs


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "9"], (2, "cannot squash above layer 9: the image has 5 layers")),
        (["--from", "other:1"], (2, "the image does not begin with its layers")),
        (["--from", "missing:1"], (5, "cannot find image `missing:1`")),
        (["--timestamp", "soon"], (2, "cannot use timestamp `soon`")),
        (["--compression", "rar"], (2, "cannot use compression `rar`")),
        (["-t", "UPPER"], (2, "UPPER")),
    ],
)
def test_bad_input(run_cli, app, image_of, arguments, told) -> None:
    image_of({"other": b"1"}, name="other:1")
    ran = run_cli("squash", "app:1", *arguments)
    assert ran.code == told[0]
    assert told[1] in ran.err


def test_an_image_of_another_place_comes_into_the_store(run_cli, app, store, tmp_path) -> None:
    run_cli("copy", "app:1", f"oci:{tmp_path}/layout:1", check=True)
    run_cli("--root", tmp_path / "second", "squash", f"oci:{tmp_path}/layout:1", "-t", "app:2", check=True)
    ran = run_cli("--root", tmp_path / "second", "history", "--json", "app:2", check=True)
    assert next(row["comment"] for row in json.loads(ran.out)) == "5 layers merged"


def test_help_has_examples(run_cli) -> None:
    assert "Examples:" in run_cli("squash", "--help", check=True).out
