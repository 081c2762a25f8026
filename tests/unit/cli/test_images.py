"""The commands about images, as processes of the real console script."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import changeset_of, layer_of
from lissom.image.image import Image
from lissom.oci.reference import Reference
from lissom.rootfs.ownership import Ownership
from lissom.rootfs.tree import Changeset
from lissom.store.snapshots import Snapshots


def test_help_is_quick_and_has_examples(run_cli) -> None:
    ran = run_cli("--help", check=True)
    assert "Examples:" in ran.out
    assert re.search(r"^  images +List the images of the store\.$", ran.out, re.MULTILINE)


@pytest.mark.parametrize("name", ["images", "tag", "rm", "inspect", "history", "save", "load", "df", "gc"])
def test_every_command_has_help_with_examples(run_cli, name: str) -> None:
    assert "Examples:" in run_cli(name, "--help", check=True).out


def test_images_shows_a_table_like_dockers(run_cli, image_of) -> None:
    image = image_of({"a": b"1" * 2500}, name="app:1")
    lines = run_cli("images", check=True).out.splitlines()
    assert re.fullmatch(r"REPOSITORY   TAG   IMAGE ID       CREATED       SIZE", lines[0])
    assert re.fullmatch(rf"app          1     {image.config.digest.short}   \d years ago   2\.5kB", lines[1])
    assert run_cli("images", "-q", "--no-trunc", check=True).out == f"{image.config.digest}\n"
    assert str(image.digest) in run_cli("images", "--digests", check=True).out


def test_images_are_filtered(run_cli, image_of, store) -> None:
    image_of({"a": b"1"}, name="app:1")
    image_of({"a": b"2"}, name="registry.example/team/web:2")
    store.keep(image_of({"a": b"3"}).manifest.descriptor)

    def listed(*arguments: str) -> list[str]:
        rows = json.loads(run_cli("images", "--json", *arguments, check=True).out)
        return sorted(f"{row['repository']}:{row['tag']}" for row in rows)

    assert listed() == ["<none>:<none>", "app:1", "registry.example/team/web:2"]
    assert listed("app") == listed("--filter", "reference=app:*") == ["app:1"]
    assert listed("--filter", "dangling=true") == ["<none>:<none>"]
    assert listed("registry.example/*/*") == ["registry.example/team/web:2"]
    assert run_cli("images", "--filter", "size=3").code == 2


def test_tag_and_rm(run_cli, image_of, store) -> None:
    image = image_of({"a": b"1"}, name="app:1")
    run_cli("tag", image.config.digest.short, "app:latest", check=True)
    assert [str(r) for r, _ in store.references()] == ["docker.io/library/app:1", "docker.io/library/app:latest"]
    refused = run_cli("rm", image.config.digest.short)
    assert refused.code == 5
    assert refused.err == (
        f"error: cannot remove image `{image.config.digest.short}`: it has several names (app:1, app:latest)\n\n"
        "hint: -f removes all of them\n"
    )
    assert run_cli("rm", "app:1", check=True).out == "Untagged: app:1\n"
    assert run_cli("rm", "-f", image.config.digest.short, check=True).out == "Untagged: app:latest\n"
    assert store.entries() == ()
    assert run_cli("rm", "app:1").code == 5
    assert run_cli("rm", "-f", "app:1").code == 0


def test_inspect_prints_dockers_array(run_cli, image_of) -> None:
    image = image_of({"a": b"1"}, name="app:1", Cmd=["/a"], Env=["A=1", "B=<&>"])
    (document,) = json.loads(run_cli("inspect", "app:1", check=True).out)
    assert document["Id"] == image.config.digest
    assert document["RepoTags"] == ["app:1"]
    assert document["RepoDigests"] == [f"app@{image.digest}"]
    assert document["RootFS"] == {"Type": "layers", "Layers": list(image.config.diff_ids)}
    assert (document["Os"], document["Architecture"], document["Size"]) == ("linux", "amd64", 1)
    assert document["Config"]["Cmd"] == ["/a"]
    assert document["Config"]["Entrypoint"] is None
    assert run_cli("inspect", "--raw", "app:1", check=True).raw == image.manifest.raw
    shown = run_cli("inspect", "-f", "{{.Config.Env}} {{json .Config.Cmd}} {{index .RepoTags 0}}", "app:1", check=True)
    assert shown.out == '[A=1 B=<&>] ["/a"] app:1\n'
    assert run_cli("inspect", "-f", "{{range .X}}", "app:1").code == 2


def test_history_is_newest_first(run_cli, image_of) -> None:
    image = image_of({"a": b"1" * 2000}, {"b": b"2"}, name="app:1")
    rows = json.loads(run_cli("history", "--json", "app:1", check=True).out)
    assert [(row["created_by"], row["size"]) for row in rows] == [("COPY 1", 1), ("COPY 0", 2000)]
    assert run_cli("history", "-q", "app:1", check=True).out == f"{image.config.digest.short}\n<missing>\n"
    assert "2kB" in run_cli("history", "app:1", check=True).out


def test_the_names_of_one_file_count_once(run_cli, store) -> None:
    one = changeset_of({"bin/busybox": b"1" * 4000}).entries["bin/busybox"]
    names = {f"bin/{name}": replace(one, path=f"bin/{name}", inode="i") for name in ("busybox", "ls", "sh")}
    layer = layer_of(store, Changeset(names))
    image = Image.make([layer], {"architecture": "amd64", "os": "linux", "history": [{"created_by": "ADD"}]}, store)
    store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse("busybox"))
    assert json.loads(run_cli("images", "--json", check=True).out)[0]["size"] == 4000
    Snapshots(store, Ownership.KERNEL).tree([Snapshots(store, Ownership.KERNEL).adopt(layer)])
    shutil.rmtree(store.private / "cache")
    (store.private / "cache").mkdir()
    assert json.loads(run_cli("images", "--json", check=True).out)[0]["size"] == 4000


def test_save_and_load_give_the_same_image(run_cli, image_of, store, tmp_path: Path) -> None:
    image = image_of({"a": b"1" * 3000}, {"b": b"2"}, name="app:1")
    run_cli("save", "app:1", "-o", "app.tar", check=True)
    assert run_cli("save", "app:1", check=True).raw == (tmp_path / "app.tar").read_bytes()
    run_cli("save", "--format", "oci", "app:1", "-o", "app.oci.tar", check=True)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["app.oci.tar", "app.tar"]
    for archive in ("app.tar", "app.oci.tar"):
        ran = run_cli("--root", f"{archive}.store", "load", "-i", archive, check=True)
        assert ran.out == "Loaded image: app:1\n"
        rows = json.loads(run_cli("--root", f"{archive}.store", "images", "--json", check=True).out)
        assert rows[0]["id"] == image.config.digest
        assert rows[0]["digest"] == image.digest
    piped = run_cli("load", "--root", "third", stdin=(tmp_path / "app.tar").read_bytes(), check=True)
    assert piped.out == "Loaded image: app:1\n"


def test_an_image_without_a_name_is_loaded_by_id(run_cli, image_of, store, tmp_path: Path) -> None:
    image = image_of({"a": b"1"})
    store.keep(image.manifest.descriptor)
    run_cli("save", image.config.digest.short, "-o", "app.tar", check=True)
    with tarfile.open(tmp_path / "app.tar") as tar:
        assert json.load(tar.extractfile("manifest.json"))[0]["RepoTags"] == []
    ran = run_cli("--root", "other", "load", "-i", "app.tar", check=True)
    assert ran.out == f"Loaded image ID: {image.config.digest}\n"
    assert "<none>" in run_cli("--root", "other", "images", check=True).out


def test_what_is_no_archive_exits_with_5(run_cli) -> None:
    ran = run_cli("load", stdin=b"no archive" * 100)
    assert ran.code == 5
    assert ran.err.startswith("error: cannot read `stdin`: ")


def test_a_missing_file_is_told(run_cli) -> None:
    ran = run_cli("load", "-i", "missing.tar")
    assert (ran.code, ran.err) == (5, "error: cannot read `missing.tar`: No such file or directory\n")


def test_df_and_gc(run_cli, image_of, store) -> None:
    image_of({"a": b"1"}, name="app:1")
    store.keep(image_of({"b": b"2" * 5000}).manifest.descriptor)
    usage = json.loads(run_cli("df", "--json", check=True).out)
    assert usage["images"]["count"] == 2
    assert "Images            2 " in run_cli("df", check=True).out
    store.close()
    assert re.match(r"Freed \d+B: 1 images without a name, 3 blobs, ", run_cli("gc", check=True).out)
    assert run_cli("gc", "--keep-bytes", "ten").code == 2
    run_cli("gc", "--keep-bytes", "0.5GiB", check=True)


def test_global_flags_go_before_and_after_the_command(run_cli, tmp_path: Path) -> None:
    run_cli("images", "--root", tmp_path / "one", check=True)
    run_cli("--root", tmp_path / "two", "images", check=True)
    run_cli("images", env={"LISSOM_ROOT": str(tmp_path / "three")}, check=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "three", "two"]


def test_usage_errors_exit_with_2(run_cli) -> None:
    ran = run_cli("imges")
    assert ran.code == 2
    assert ran.err.endswith("error: cannot run `imges`: there is no such command\n\nhint: did you mean `images`?\n")
    assert run_cli("images", "--bogus").code == 2
    assert run_cli("tag", "app:1", "UPPER").code == 2
    assert run_cli("--progress", "loud", "images").code == 2
    assert run_cli("images", env={"LISSOM_PROGRESS": "loud"}).code == 2


def test_a_foreign_directory_exits_with_5(run_cli, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    ran = run_cli("--root", "full", "images")
    assert ran.code == 5
    assert "the directory holds other files" in ran.err
    assert "hint: " in ran.err
