"""`lissom slim` from one end to the other: small apps in real containers, proven, explained and named."""

from __future__ import annotations

import json

import pytest

from lissom.image.image import Image
from lissom.image.validate import validate
from lissom.oci.reference import Reference
from slim_apps import JUNK, SERVE, SERVED, SITE, Shelf, changeset, entry, files, program, userland

pytestmark = pytest.mark.root

GET = ("--http", "GET / -> 200")
REPORT = """\
case "$1" in
  count) wc -l < /data/words ;;
  grep) grep "$2" /data/words ;;
  fail) cat /data/excuse >&2; exit 3 ;;
  *) echo "usage: count, grep WORD"; exit 2 ;;
esac
"""
REPORT_DATA = {"data/words": "one\ntwo\n", "data/excuse": "sorry\n", "srv/other": "other"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """One store for all tests of this file; each uses names of its own."""
    return Shelf.at(tmp_path_factory.mktemp("slim"))


@pytest.fixture(scope="module")
def web(shelf: Shelf) -> Shelf:
    """``web:1`` and what is made of it with one probe, its report, its profile and what was taken out."""
    shelf.site("web:1")
    shelf.slim("web:1", *GET, "--removed", "web:removed", "--report", "web.json", "--report", "web.html")
    return shelf


def test_unlinked_pages_stay_and_unused_programs_go(web: Shelf) -> None:
    before, after = web.dump("web:1"), web.dump("web:1-slim")
    assert {path: before[path] for path in after} == after
    assert {f"/{path}" for path in SITE} <= set(after)
    assert not {f"/{path}" for path in JUNK} & set(after)
    with web.image("web:1-slim") as image:
        validate(image)
        assert len(image.layers) == 1


def test_the_config_is_the_originals(web: Shelf) -> None:
    before, after = web.config("web:1"), web.config("web:1-slim")
    history = after["history"]
    assert {**before, "rootfs": 0, "history": 0} == {**after, "rootfs": 0, "history": 0}
    assert [step.get("created_by") for step in history] == ["COPY 0", "COPY 1", "CMD", "lissom slim --level file"]
    assert [step.get("empty_layer", False) for step in history] == [True, True, True, False]


def test_the_original_is_as_it_was(web: Shelf) -> None:
    again = Shelf.at(web.here / "again")
    assert again.site("web:1") == web.digest("web:1")
    with web.image("web:1") as image:
        validate(image)
    assert web.temporary() == []


def test_what_went_laid_over_gives_the_original(web: Shelf) -> None:
    with web.store() as store:
        slim, gone = (store.image(store.resolve(name)) for name in ("web:1-slim", "web:removed"))
        document = {**slim.config.document, "history": []}
        both = Image.make([*slim.layers, *gone.layers], document, store)
        store.name(Reference.parse("web:both"), both.manifest.descriptor)
    assert web.dump("web:both") == web.dump("web:1")
    with web.image("web:removed") as image:
        validate(image)


def test_the_report_is_written(web: Shelf) -> None:
    account = json.loads((web.here / "web.json").read_text())
    assert account["verdict"] == "passed"
    assert (account["before"]["reference"], account["after"]["reference"]) == ("web:1", "web:1-slim")
    assert account["after"]["digest"] == web.digest("web:1-slim")
    assert {row["path"] for row in account["kept"]} == set(web.dump("web:1-slim")) - {"/"}
    assert {row["path"] for row in account["removed"]} == set(web.dump("web:1")) - set(web.dump("web:1-slim"))
    assert all(row["reason"] in account["rules"] for row in account["kept"])
    html = (web.here / "web.html").read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert "web:1-slim" in html


def test_why(web: Shelf) -> None:
    assert "executed" in web("why", "web:1-slim", "/bin/busybox").out
    said = web("why", "web:1-slim", "/www/unlinked.html").out
    assert "data" in said
    assert "/www/index.html" in said
    assert "gcc" in web("why", "web:1-slim", "/usr/bin/gcc").out
    assert web("why", "web:1-slim", "/no/such", code=1).out.startswith("/no/such is in neither image")


def test_diff_shows_what_went(web: Shelf) -> None:
    found = web.json("diff", "--json", "web:1", "web:1-slim", code=1)
    assert "/usr/bin/gcc" in json.dumps(found["files"])
    assert "/www/unlinked.html" not in json.dumps(found["files"])


def test_two_runs_give_one_digest(web: Shelf) -> None:
    web.slim("web:1", *GET, "-t", "web:again")
    assert web.digest("web:again") == web.digest("web:1-slim")


def test_without_probes_pages_are_crawled(web: Shelf) -> None:
    said = web.slim("web:1", "-t", "web:crawled").out
    assert "proof passes: 4 of 4 probes" in said
    assert "/www/unlinked.html" in web.dump("web:crawled")


@pytest.fixture(scope="module")
def report(shelf: Shelf) -> Shelf:
    """``report:1``, a command without ports."""
    shelf.script("report:1", REPORT, *files(REPORT_DATA))
    return shelf


PROBES = """\
checks:
- {run: [count], expect: {stdout: "^2$"}}
- {run: [grep, two], expect: {stdout: ^two$}}
- {run: [fail], expect: {exit: 3, stderr: sorry}}
- {run: [], expect: {exit: 2, stdout: usage}}
"""


def test_a_command_without_ports(report: Shelf) -> None:
    (report.here / "probes.yaml").write_text(PROBES)
    said = report.slim("report:1", "--probes", "probes.yaml", "-t", "report:file").out
    assert "proof passes: 4 of 4 probes" in said
    assert {"/data/words", "/data/excuse"} <= set(report.dump("report:file"))
    assert report("run", "--rm", "report:file", "count").out == "2\n"
    assert report("run", "--rm", "report:file", "fail", code=3).err == "sorry\n"


def test_its_exit_status_is_compared_without_probes(report: Shelf) -> None:
    said = report.slim("report:1", "--json", "-t", "report:bare").out
    rows = json.loads(said)["probes"]
    assert [(row["name"], row["result"]) for row in rows] == [("start default", "passed"), ("end default", "passed")]


def test_commands_inside(report: Shelf) -> None:
    report.slim("report:1", "--exec", "/run count", "--exec", "cat /srv/other | wc -c", "-t", "report:exec")
    assert "/srv/other" in report.dump("report:exec")


def test_keep_and_drop(web: Shelf) -> None:
    web.slim("web:1", *GET, "--keep", "/usr/share/games", "--drop", "/www/img/*", "-t", "web:kept")
    after = web.dump("web:kept")
    assert "/usr/share/games/chess.dat" in after
    assert "/www/img/logo.png" not in after
    assert "/opt/tool/run" not in after


def test_a_drop_that_breaks_the_app(web: Shelf) -> None:
    failed = web.slim(
        "web:1",
        "--http",
        "/about.html",
        "--drop",
        "/www/about.html",
        "-t",
        "web:broken",
        "--report",
        "broken.json",
        code=1,
    )
    first, second, *rest = failed.err.splitlines()
    assert first == "error: cannot vouch for what became of `web:1`: 1 probe fails"
    assert second.startswith("  `/about.html`: status 404 instead of one below 400: <HTML><HEAD><TITLE>404 Not Found")
    assert rest == ["", "hint: nothing was given a name; keep more with --keep or --level package"]
    assert web.digest("web:broken") is None
    assert json.loads((web.here / "broken.json").read_text())["verdict"] == "failed"
    gone = next(
        row for row in json.loads((web.here / "broken.json").read_text())["removed"] if row["path"] == "/www/about.html"
    )
    assert gone["reason"] == "--drop, though /bin/busybox used it"


def test_what_is_missed_comes_back(shelf: Shelf) -> None:
    """Without the dropped file the program turns to one that nobody touched before."""
    script = "p=/fall q=back/of/other; cat /conf/main 2>/dev/null || cat $p$q"
    shelf.script("fall:1", script, *files({"conf/main": "same", "fallback/of/other": "same", "fallback/never": "x"}))
    said = shelf.slim("fall:1", "--drop", "/conf/main", "--json").out
    account = json.loads(said)
    assert account["verdict"] == "passed"
    assert [(row["path"], row["round"]) for row in account["repairs"]] == [("/fallback/of/other", 1)]
    after = shelf.dump("fall:1-slim")
    assert "/fallback/of/other" in after
    assert "/conf/main" not in after
    assert "/fallback/never" not in after


DPKG = """\
Package: tools
Status: install ok installed
Version: 1
Architecture: amd64
Description: what the app uses

Package: games
Status: install ok installed
Version: 2
Architecture: amd64
Description: what it does not

"""
OWNED = {
    "usr/bin/tool": "#!/bin/sh\necho tool\n",
    "usr/sbin/toold": b"\x7fELF" + bytes(100),
    "usr/lib/games/chess": b"\x7fELF" + bytes(200),
    "var/lib/dpkg/status": DPKG,
    "var/lib/dpkg/info/tools.list": "/.\n/usr\n/usr/bin\n/usr/bin/tool\n/usr/sbin/toold\n",
    "var/lib/dpkg/info/games.list": "/.\n/usr\n/usr/lib\n/usr/lib/games\n/usr/lib/games/chess\n",
}


def test_levels(shelf: Shelf) -> None:
    shelf.script("deb:1", "tool", *files(OWNED))
    trees = {}
    for level in ("package", "file", "strict"):
        shelf.slim("deb:1", "--level", level, "-t", f"deb:{level}")
        trees[level] = set(shelf.dump(f"deb:{level}"))
        assert shelf("run", "--rm", f"deb:{level}").out == "tool\n"
    assert trees["strict"] <= trees["file"] <= trees["package"]
    assert "/usr/sbin/toold" in trees["package"]
    assert "/usr/sbin/toold" not in trees["file"]
    assert not any("/usr/lib/games/chess" in tree for tree in trees.values())
    status = shelf("run", "--rm", "--entrypoint", "cat", "deb:package", "/var/lib/dpkg/status").out
    assert "Package: tools" in status
    assert "Package: games" not in status


def test_layers_can_be_kept(shelf: Shelf) -> None:
    second = changeset([*files(SITE), program("echo old"), entry("junk/only", "x")], ["opt/tool"])
    layers = [
        [*userland(), *files(JUNK)],
        second,
        [entry("junk/more", "x")],
        [program(SERVE), entry("www/about.html", "new")],
    ]
    shelf.put("layers:1", *layers, **SERVED)
    shelf.slim("layers:1", *GET, "-t", "layers:one")
    shelf.slim("layers:1", *GET, "--layers", "keep", "-t", "layers:keep")
    assert shelf.dump("layers:keep") == shelf.dump("layers:one")
    below, site, top = shelf.layer_dumps("layers:keep")
    assert "/bin/busybox" in below
    assert "/www/index.html" in site
    assert "/www/index.html" not in below
    assert {"/run", "/www/about.html"} <= set(top)
    assert "/run" not in site
    history = shelf.config("layers:keep")["history"]
    assert [step["created_by"] for step in history] == ["COPY 0", "COPY 1", "COPY 2", "COPY 3", "CMD"]
    assert [step.get("empty_layer", False) for step in history] == [False, False, True, False, True]


@pytest.mark.parametrize("layers", ["one", "keep"])
def test_images_that_share_a_base(shelf: Shelf, layers: str) -> None:
    """What both need of the common layers is in layers that are the same blobs; each image has what it needs."""
    base = [[*userland(), *files(JUNK)], files({"shared/a": "for a", "shared/b": "for b"})]
    for name in ("a", "b"):
        shelf.put(f"{name}:{layers}", *base, [program(f"cat /shared/{name}")], Entrypoint=["/run"])
    shelf.slim(f"a:{layers}", f"b:{layers}", "--share", "--layers", layers)
    names = (f"a:{layers}-slim", f"b:{layers}-slim")
    common = 1 if layers == "one" else 2
    with shelf.image(names[0]) as a, shelf.image(names[1]) as b:
        assert [layer.descriptor for layer in a.layers[:common]] == [layer.descriptor for layer in b.layers[:common]]
        assert len(a.layers) == len(b.layers) == common + 1
        assert a.layers[common] != b.layers[common]
        validate(a)
        validate(b)
    assert [shelf("run", "--rm", name).out for name in names] == ["for a", "for b"]
    assert "/usr/bin/gcc" not in shelf.dump(names[0])


def test_verify_only(web: Shelf) -> None:
    said = web.slim("--verify-only", "web:1", "web:1-slim", "--http", "/unlinked.html").out
    assert said.splitlines()[-1].startswith("the second image does what the first does: ")
    web.site("web:other", entry("www/about.html", "something else"))
    failed = web.slim("--verify-only", "web:1", "web:other", "--http", "/about.html", code=1)
    assert "the body differs (5 bytes before, 14 after): something else" in failed.err
    assert failed.out.splitlines()[-1].startswith(
        "the second image does not do what the first does: 2 passed, 1 failed"
    )


def test_a_static_program_alone_is_minimal(shelf: Shelf) -> None:
    busybox = next(one for one in userland() if one.path == "bin/busybox")
    digest = shelf.put("alone:1", [entry("busybox", busybox.content.data)], Entrypoint=["/busybox", "true"], Env=[])
    said = shelf.slim("alone:1").out
    assert "nothing went: the image was minimal already" in said
    assert shelf.digest("alone:1-slim") == digest


def test_slimming_again_forgets_nothing(web: Shelf) -> None:
    web.slim("web:1-slim", *GET, "-t", "web:twice")
    assert web.digest("web:twice") == web.digest("web:1-slim")
    assert "was removed" in web("why", "web:twice", "/usr/bin/gcc").out


def test_forty_thousand_files_are_seen(shelf: Shelf) -> None:
    many = {f"many/{number // 400}/{number}": str(number) for number in range(40_000)}
    shelf.script("many:1", "find /many -type f -exec cat {} + | wc -c", *files(many), *files({"few/a": "a"}))
    said = json.loads(shelf.slim("many:1", "--level", "strict", "--json").out)
    assert said["verdict"] == "passed"
    assert sum(row["path"].startswith("/many/") and row.get("kind") != "directory" for row in said["kept"]) == 40_000
    assert "/few/a" not in shelf.dump("many:1-slim")
