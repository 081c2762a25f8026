"""Reports in a real browser, where there is one: their script runs and fills them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import changeset_of
from lissom.analysis.comparison import compare
from lissom.distroless.evidence.provenance import LayerRow, LeftOut, Member, Present, Provenance
from lissom.image.image import Image
from lissom.report import diff_page, distroless_page
from lissom.report.slim_page import page
from lissom.rootfs.tree import Tree
from lissom.slim.account import Account, Kept, Removed, Side
from memory_images import MemoryBlobs

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]

CLICKS = """<script>
document.querySelector("#stays details").open = true;
document.querySelector("#map-before .dir").click();
document.getElementById("search").value = "lib *.so";
document.getElementById("search").dispatchEvent(new Event("input"));
</script></body>"""


DISTROLESS_CLICKS = """<script>
document.querySelector("#packages details").open = true;
document.querySelector("#left details").open = true;
document.querySelector('[data-show="kept"]').click();
</script></body>"""

DIFF_CLICKS = """<script>
document.querySelector('[data-show="news"]').click();
document.querySelectorAll("#files details").forEach((group) => { group.open = true; });
document.documentElement.dataset.colours = [...document.querySelectorAll("#map-before .leaf, #map-after .leaf")]
  .map((spot) => `${spot.getAttribute("aria-label").split(",")[0]}=${spot.style.getPropertyValue("--fill")}`).join(";");
</script></body>"""


def clicked(text: str, clicks: str, tmp_path: Path) -> str:
    """What a page is after ``clicks``, without its scripts."""
    file = tmp_path / "page.html"
    file.write_text(text.replace("</body>", clicks))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1280,900",
               f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000"]  # fmt: skip
    done = subprocess.run([BROWSER, *options, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=False)
    return re.sub(r"<script.*?</script>", "", done.stdout, flags=re.DOTALL)


def test_the_script_fills_the_page(tmp_path: Path) -> None:
    account = Account(
        Side("app:1", "sha256:0", 3000, 0, 3, 1),
        Side("app:2", "sha256:1", 1000, 0, 2, 1),
        "file",
        kept=(
            Kept("usr/bin/a", "executed", "the entry point", 900, 900),
            Kept("usr/lib/b.so", "elf-needs", "usr/bin/a", 100, 100),
        ),
        removed=(Removed("usr/share/c", 1900), Removed("var/d", 100)),
    )
    shown = clicked(page(account), CLICKS, tmp_path)
    assert '<span id="size-before">2.9 kB</span>' in shown
    assert '<span id="size-after">1 kB</span>' in shown
    assert re.search(r'id="crumbs".*?<button class="path">usr</button>', shown)
    assert 'aria-label="/usr/share/c, 1.9 kB"' in shown or 'aria-label="/usr/share, 1.9 kB"' in shown
    assert '<span id="count" aria-live="polite">1 file, 100 B</span>' in shown
    assert "elf-needs ← /usr/bin/a" in shown
    assert "executed ← the entry point" in shown


def test_the_script_fills_the_page_of_packages(tmp_path: Path) -> None:
    told = Provenance(
        "base",
        "sha256:0",
        packages=(Member("libc6", "2.36", wish="libc6: libs", size=900), Member("app", "1", needed_by="x", size=100)),
        layers=(LayerRow("libc6", ("libc6",), "large", "sha256:1", 900, 500),),
        present=(
            Present("etc/passwd", reason="computed from the accounts", size=1),
            Present("usr/bin/app", "app", size=100),
            Present("usr/lib/libc.so.6", "libc6", size=900),
        ),
        left_out=(LeftOut("usr/share/man/x", "app", "trim: man", 2000),),
    )
    shown = clicked(distroless_page.page(told), DISTROLESS_CLICKS, tmp_path)
    assert '<span id="size-before">3 kB</span>' in shown
    assert '<span id="size-after">1 kB</span>' in shown
    assert "4 files with whole packages, 3 files in the image, most bytes as “libc6”" in shown
    assert '<span class="why">trim: man</span>' in shown
    assert '<span class="why">made for this image ← computed from the accounts</span>' in shown
    assert '<span id="count" aria-live="polite">3 files, 1 kB</span>' in shown


def test_the_script_fills_the_page_of_a_difference(tmp_path: Path) -> None:
    files = ({"same": b"s" * 3000, "gone": b"g" * 2000, "new-mode": b"m"}, {"same": b"s" * 3000, "fresh": b"f" * 4000})
    trees = [Tree().apply(changeset_of(one)) for one in files]
    empty = Image.make([], {"architecture": "amd64", "os": "linux", "history": []}, MemoryBlobs())
    found = compare(("app:1", "app:2"), (empty, empty), (trees[0], trees[1]), times=False)
    shown = clicked(diff_page.page(found), DIFF_CLICKS, tmp_path)
    assert '<span id="size-before">5 kB</span>' in shown
    assert '<span id="size-after">7 kB</span>' in shown
    assert "3 files before, 2 files after" in shown
    assert '<span id="count" aria-live="polite">3 files, 6 kB</span>' in shown
    colours = re.search('data-colours="(.*?)"', shown)
    assert colours
    assert set(colours[1].split(";")) >= {"/same=var(--calm)", "/gone=var(--gone)", "/fresh=var(--added)"}
