"""``lissom analyze``, as a process of the real console script."""

from __future__ import annotations

import json
import re

import pytest

from conftest import changeset_of
from lissom.rootfs.tree import Changeset


@pytest.fixture
def app(image_of, tmp_path) -> None:
    model = changeset_of({"app/model": b"m" * 40_000})
    image_of(
        {"usr/bin/tool": b"t" * 50_000},
        {"var/lib/apt/lists/deb_main_Packages": b"l" * 30_000, "opt/src/a.c": b"s" * 5_000},
        model,
        Changeset(whiteouts=frozenset({"opt/src"})),
        name="app:1",
    )


def test_the_summary(run_cli, app) -> None:
    out = run_cli("analyze", "app:1", check=True).out
    assert "  size         125kB   in 4 layers, " in out
    assert "  alive        120kB   5kB hidden by later layers\n" in out
    assert re.search(r"   5kB  deleted later +2 → 4 ", out)
    assert re.search(r"  30kB  apt lists +2 ", out)
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_width_of_the_terminal(run_cli, app) -> None:
    out = run_cli("analyze", "app:1", env={"COLUMNS": "70"}, check=True).out
    assert max(map(len, out.splitlines())) <= 70


def test_json_sums(run_cli, app) -> None:
    told = json.loads(run_cli("analyze", "--files", "app:1", check=True).out)
    assert (
        told["size"]
        == 125_000
        == sum(layer["size"] for layer in told["layers"])
        == sum(f["size"] for f in told["files"])
    )
    assert told["live"] == 120_000 == sum(package["live"] for package in told["packages"])
    assert told["live"] == sum(file["size"] for file in told["files"] if file["fate"] == "live")
    assert sum(told["waste"].values()) == sum(waste["bytes"] for waste in told["wastes"])
    assert told["waste"]["deleted"] == 5_000
    assert told["layers"][1]["hidden_by"] == {"3": 5_000}
    (gone,) = (file for file in told["files"] if file["path"] == "/opt/src/a.c")
    assert gone["hidden_by"] == 3
    assert gone["hidden_at"] == "/opt/src"
    assert told["exceeded"] == []
    assert "files" not in json.loads(run_cli("analyze", "--json", "app:1", check=True).out)


def test_limits_give_1_and_a_table(run_cli, app) -> None:
    run_cli("analyze", "--fail-above", "125kB", "--fail-above", "caches.apt=30000", "app:1", check=True)
    ran = run_cli("analyze", "--fail-above", "100kB", "--fail-above", "caches=0", "app:1")
    assert ran.code == 1
    assert ran.out.endswith(
        "2 limits are exceeded\n"
        "  LIMIT    IS      MAY BE   BEYOND BY\n"
        "  total    125kB   100kB    25kB\n"
        "  caches   30kB    0B       30kB\n"
    )
    told = json.loads(run_cli("analyze", "--json", "--fail-above", "100kB", "app:1").out)
    assert told["exceeded"] == [{"key": "total", "measured": 125_000, "allowed": 100_000, "unit": "bytes"}]


def test_growth_and_a_file_of_limits(run_cli, app, image_of, tmp_path) -> None:
    image_of({"usr/bin/tool": b"t" * 50_000}, name="app:0")
    budget = tmp_path / "budget.toml"
    budget.write_text('growth = "10%"\nwaste = "35kB"\nignore = ["opt/**"]\n')
    ran = run_cli("analyze", "--budget", budget, "--baseline", "app:0", "app:1")
    assert ran.code == 1
    assert (
        "1 limit is exceeded\n  LIMIT    IS       MAY BE   BEYOND BY\n  growth   150.0%   10.0%    140.0%\n" in ran.out
    )


def test_a_page(run_cli, app, tmp_path) -> None:
    run_cli("analyze", "--html", tmp_path / "app.html", "app:1", check=True)
    text = (tmp_path / "app.html").read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "app:1, byte by byte" in text
    refused = run_cli("analyze", "--html", tmp_path / "none" / "app.html", "app:1")
    assert refused.code == 2
    assert "No such file or directory" in refused.err


def test_a_wrong_limit_is_told_before_the_image_is_read(run_cli) -> None:
    ran = run_cli("analyze", "--fail-above", "wate=1", "nowhere:1")
    assert ran.code == 2
    assert "cannot use limit `wate`" in ran.err


def test_an_image_is_the_same_wherever_it_is(run_cli, app, tmp_path) -> None:
    run_cli("save", "app:1", "-o", tmp_path / "app.tar", check=True)
    run_cli("copy", "app:1", f"oci:{tmp_path}/layout:app", check=True)
    run_cli("copy", "app:1", f"oci-archive:{tmp_path}/app.oci.tar", check=True)
    places = [
        "app:1",
        f"docker-archive:{tmp_path}/app.tar",
        f"oci:{tmp_path}/layout:app",
        f"oci-archive:{tmp_path}/app.oci.tar",
    ]
    told = [json.loads(run_cli("analyze", "--json", "--files", place, check=True).out) for place in places]
    for one in told[1:]:
        assert [file["path"] for file in one["files"]] == [file["path"] for file in told[0]["files"]]
        assert {name: one[name] for name in ("size", "live", "waste", "wastes", "packages")} == {
            name: told[0][name] for name in ("size", "live", "waste", "wastes", "packages")
        }


def test_lines_come_from_a_dockerfile(run_cli, app, tmp_path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n\nCOPY 0\nCOPY 1\nCOPY 2\nCOPY 3\n")
    ran = run_cli("analyze", "--json", "--dockerfile", tmp_path / "missing", "app:1")
    assert ran.code == 2
    assert "missing" in ran.err
