"""The page of a slim in a real browser, where there is one: its script runs and fills it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lissom.report.slim_page import page
from lissom.slim.account import Account, Kept, Removed, Side

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]

CLICKS = """<script>
document.querySelector("#stays details").open = true;
document.querySelector("#map-before .dir").click();
document.getElementById("search").value = "lib *.so";
document.getElementById("search").dispatchEvent(new Event("input"));
</script></body>"""


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
    file = tmp_path / "page.html"
    file.write_text(page(account).replace("</body>", CLICKS))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1280,900",
               f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000"]  # fmt: skip
    done = subprocess.run([BROWSER, *options, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=False)
    shown = re.sub(r"<script.*?</script>", "", done.stdout, flags=re.DOTALL)
    assert '<span id="size-before">2.9 kB</span>' in shown
    assert '<span id="size-after">1 kB</span>' in shown
    assert re.search(r'id="crumbs".*?<button class="path">usr</button>', shown)
    assert 'aria-label="/usr/share/c, 1.9 kB"' in shown or 'aria-label="/usr/share, 1.9 kB"' in shown
    assert '<span id="count" aria-live="polite">1 file, 100 B</span>' in shown
    assert "elf-needs ← /usr/bin/a" in shown
    assert "executed ← the entry point" in shown
