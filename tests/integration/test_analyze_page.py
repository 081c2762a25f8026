"""The page of a ledger in a real browser: map, search, table, keyboard, light and dark, and how soon it is there."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from lissom.analysis.ledger.share import Share, Step, WasteKind
from lissom.report.analyze_page import page
from made_ledgers import large, ledger

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]

ALERT = "</script><script>document.title='broken'</script>\"'&\u2028<b>"

STEPS = """
const click = (selector) => document.querySelector(selector).click();
const press = (selector, key) => document.querySelector(selector).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const type = (text) => { const field = document.getElementById("search"); field.value = text; field.dispatchEvent(new Event("input")); };
const choose = (name, value) => { const field = document.getElementById(`only-${name}`); field.value = value; field.dispatchEvent(new Event("change")); };
const text = (selector) => document.querySelector(selector).textContent;
const spots = () => [...document.querySelectorAll("#treemap [data-i]")].map((spot) => spot.getAttribute("aria-label"));
const rows = () => [...document.querySelectorAll(".line .name")].map((cell) => cell.textContent);
const told = {};
setTimeout(() => { const out = document.createElement("pre"); out.id = "told"; out.textContent = JSON.stringify(told); document.body.append(out); }, 1500);
"""


def opened(text: str, tmp_path: Path, script: str = "", *options: str) -> tuple[str, dict]:
    """The page after ``script``, without its scripts, and what the script put into ``told``."""
    file = tmp_path / "page.html"
    file.write_text(text.replace("</body>", f"<script>{STEPS}{script}</script></body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1280,900",
             f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000", *options]  # fmt: skip
    done = subprocess.run([BROWSER, *flags, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=False)
    found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr
    unescaped = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return re.sub(r"<script.*?</script>", "", done.stdout, flags=re.DOTALL), json.loads(unescaped)


def test_sums_are_shown_and_the_map_is_of_instructions(tmp_path) -> None:
    shown, told = opened(page(ledger()), tmp_path, "told.spots = spots(); told.rows = rows();")
    assert '<span id="size" class="mono">203 MB, 13 files</span>' in shown
    assert '<span id="count" aria-live="polite">13 files, 203 MB</span>' in shown
    assert "lines 3-6: RUN apt-get update && apt-get install -y gcc, 86 MB" in told["spots"]
    assert "/usr/bin/gcc, 50 MB" in told["spots"]
    assert told["rows"][0] == "/usr/bin/gcc"
    assert len(told["rows"]) == 13


def test_the_map_is_switched_and_entered(tmp_path) -> None:
    script = """
    click('[data-by="directory"]'); told.directories = spots();
    click('[data-of="waste"]'); told.waste = text("#size");
    click('[data-of="live"]'); told.live = text("#size");
    click('[data-by="package"]'); told.packages = spots();
    click('[data-hue="layer"]'); told.legend = text("#legend");
    click('[data-by="layer"]'); click('[data-of="all"]');
    const inner = [...document.querySelectorAll("#treemap [data-i]")].find((spot) => spot.getAttribute("aria-label").startsWith("line 8"));
    inner.click(); told.inside = text("#size"); told.crumbs = text("#crumbs");
    document.querySelector("#treemap [tabindex='0']").focus();
    press("#treemap [tabindex='0']", "ArrowRight"); told.walked = document.activeElement.getAttribute("aria-label");
    press("#treemap [tabindex='0']", "Escape"); told.back = text("#size");
    document.querySelector("#crumbs button").click(); told.top = text("#crumbs");
    """
    _, told = opened(page(ledger()), tmp_path, script)
    assert "/usr/bin, 70 MB" in told["directories"] or "/usr, 72 MB" in told["directories"]
    assert told["waste"].startswith("135 MB")
    assert told["live"].startswith("157 MB")
    assert "deb gcc, 50 MB" in told["packages"]
    assert "(no package), 85 MB" in told["packages"]
    assert told["legend"] == "lines 3-6line 8line 9base image"
    assert told["inside"] == "54 MB, 4 files"
    assert told["crumbs"] == "image\u203aline 8: COPY . /app"
    assert re.fullmatch("/app.*", told["walked"])
    assert told["back"] == "203 MB, 13 files"
    assert told["top"] == "image"


def test_files_are_searched_chosen_sorted_and_told_of(tmp_path) -> None:
    script = """
    type("app *.bin");
    setTimeout(() => {
      told.found = rows(); told.count = text("#count");
      choose("fate", "gone"); told.hidden = rows();
      click("#clear"); choose("kind", "any"); told.waste = text("#count");
      click("#clear"); click("#table-head .name"); told.sorted = rows();
      click("#table-head .name"); told.turned = rows();
      click("#clear"); click("#table-head .num"); press("#table", "End"); press("#table", "ArrowUp"); told.story = text("#story");
      click('[data-waste="2"]'); told.deleted = rows(); press("#table", "Home"); told.killer = text("#story");
      click('[data-package="deb gcc"]'); told.gcc = rows();
      click('#steps [data-layer="4"]'); told.step = text("#count"); told.zoomed = text("#size");
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "/" })); told.focus = document.activeElement.id;
    }, 400);
    """
    _, told = opened(page(ledger()), tmp_path, script)
    assert told["found"] == ["/app/model.bin", "/app/model.bin", "/app/copy.bin", "/app/other.bin"]
    assert told["count"] == "4 files, 94 MB"
    assert told["hidden"] == ["/app/model.bin"]
    assert told["waste"] == "9 files, 135 MB"
    assert told["sorted"][:3] == ["/app/.env", "/app/.env", "/app/copy.bin"]
    assert told["turned"][0] == "/var/lib/dpkg/status"
    assert told["story"].startswith("/")
    assert told["deleted"] == ["/opt/src/a.c"]
    assert "added by lines 3-6: RUN apt-get update" in told["killer"]
    assert (
        "hidden by line 9: RUN chown -R app /app && rm -rf /opt/src: a whiteout of a directory above (/opt/src)"
        in told["killer"]
    )
    assert told["gcc"] == ["/usr/bin/gcc"]
    assert told["step"] == "2 files, 40 MB"
    assert told["zoomed"] == "40 MB, 2 files"
    assert told["focus"] == "search"


@pytest.mark.parametrize(
    ("scheme", "paper"), [("1", "rgb(250, 249, 246)"), ("0", "rgb(19, 20, 18)")], ids=["light", "dark"]
)
def test_light_and_dark(tmp_path, scheme, paper) -> None:
    script = "told.paper = getComputedStyle(document.body).backgroundColor;"
    _, told = opened(page(ledger()), tmp_path, script, f"--blink-settings=preferredColorScheme={scheme}")
    assert told["paper"] == paper


def test_names_of_strangers_stay_text(tmp_path) -> None:
    shares = (Share(f"d{ALERT}/f{ALERT}", 9, 0, package=f"deb {ALERT}", waste=WasteKind.JUNK, detail=ALERT),)
    evil = ledger(shares, (Step(0, f"RUN {ALERT}", 0, (1, 1), ALERT),), name=ALERT, base=ALERT, dockerfile=ALERT)
    shown, told = opened(
        page(evil),
        tmp_path,
        "told.title = document.title; told.rows = rows(); told.bold = document.querySelectorAll('b').length;",
    )
    assert told["title"].endswith(", byte by byte")
    assert told["rows"] == [f"/d{ALERT}/f{ALERT}"]
    assert "deb </script>" not in shown


def test_an_image_without_files(tmp_path) -> None:
    shown, told = opened(page(ledger((), ())), tmp_path, "told.count = text('#count'); told.spots = spots();")
    assert told == {"count": "No file is like that.", "spots": []}
    assert "No waste was found." in shown


def seconds_of(file: str, tmp_path: Path) -> tuple[float, str]:
    """Processor time that the browser takes to open a page: on a busy machine the clock says nothing."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([BROWSER, *flags, "--dump-dom", file], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def test_a_hundred_thousand_files_are_there_in_two_seconds(tmp_path) -> None:
    file = tmp_path / "large.html"
    file.write_text(page(large()))
    assert file.stat().st_size < 8_000_000
    seconds_of("about:blank", tmp_path)  # makes the profile
    nothing, _ = seconds_of("about:blank", tmp_path)
    all_of_it, shown = seconds_of(file.as_uri(), tmp_path)
    assert re.search(r'data-ready="\d+"', shown)
    assert all_of_it - nothing < 2


def test_only_what_is_in_sight_is_drawn_of_a_hundred_thousand_files(tmp_path) -> None:
    told_of = large()
    script = """
    told.lines = document.querySelectorAll(".line").length; told.spots = spots().length; type("file99 .js");
    setTimeout(() => { told.count = text("#count"); press("#table", "End"); told.last = document.querySelector("[aria-selected=true] .name").textContent; }, 900);
    """
    _, told = opened(page(told_of), tmp_path, script)
    found = [share for share in told_of.shares if "file99" in share.path]
    assert 10 < told["lines"] < 60
    assert 100 < told["spots"] <= 1200
    assert told["count"] == f"{len(found):,} files, {sum(share.size for share in found) / 1e6:.1f} MB"
    assert told["last"] == "/" + min(found, key=lambda share: share.size).path
