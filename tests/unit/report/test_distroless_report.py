"""What is told of an image of packages, on the terminal and as a page."""

from __future__ import annotations

import json
import re

from lissom.distroless.evidence.provenance import LayerRow, LeftOut, Member, Present, Provenance
from lissom.report.distroless_data import paths
from lissom.report.distroless_page import page
from lissom.report.distroless_text import summary

TOLD = Provenance(
    "distroless/<b>",
    f"sha256:{'0' * 64}",
    "linux/amd64",
    (
        Member("libc6", "2.36", "amd64", "glibc", "libs", needed_by="app", layer=1, size=3_000_000),
        Member("app", "1", "amd64", "app", wish="app: bins", layer=2, size=500),
    ),
    (
        LayerRow(
            "libc6", ("libc6",), "large, in every image from `base` on", f"sha256:{'1' * 64}", 3_000_000, 1_500_000
        ),
        LayerRow("other packages", ("app", "zlib"), "small", f"sha256:{'2' * 64}", 500, 300),
        LayerRow("accounts and settings", (), "made for this image", f"sha256:{'3' * 64}", 20, 99),
    ),
    (
        Present("etc", kind="directory", layer=3),
        Present("etc/passwd", reason="computed from the accounts", size=20, layer=3),
        Present("usr/bin/app", "app", size=500, layer=2),
        Present("usr/lib/libc.so.6", "libc6", size=3_000_000, layer=1),
    ),
    (
        *(LeftOut(f"usr/share/man/{number}", "app", "trim: man", 1000) for number in range(3)),
        LeftOut("usr/lib/gconv/A", "libc6", "not in the slices of libc6: libs", 1_000_000),
    ),
    "1.0",
    "2026-11-26T00:00:00Z",
)


def test_the_summary_explains_layers_and_what_was_left_out() -> None:
    assert summary(TOLD) == (
        "distroless/<b> for linux/amd64: 3MB in 3 files, 1.5MB compressed\n"
        "2 packages, 1 of them since others need them\n"
        "\n"
        "LAYER                   SIZE   COMPRESSED   WHY\n"
        "libc6                   3MB    1.5MB        large, in every image from `base` on\n"
        "other packages          500B   300B         small (2)\n"
        "accounts and settings   20B    99B          made for this image\n"
        "\n"
        "LEFT OUT                           FILES   SIZE\n"
        "not in the slices of libc6: libs   1       1MB\n"
        "trim: man                          3       3kB"
    )


def test_many_reasons_are_summed_up_and_a_strangers_words_are_harmless() -> None:
    left = tuple(LeftOut(f"usr/{number}", "a", f"exclude: /\x1b[1m{number:02}", 100 - number) for number in range(12))
    text = summary(Provenance("x", "", left_out=left))
    assert "\x1b" not in text
    assert text.endswith("\n4 more                4       362B")


def test_the_page_holds_every_path_and_no_markup_of_strangers() -> None:
    shown = page(TOLD)
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', shown, re.DOTALL)[0])
    assert data == paths(TOLD)
    assert [one["name"] for one in data["reasons"]] == ["libc6", "app", "made for this image"]
    assert data["reasons"][0]["says"] == "2.36; app needs it, asked for: app: bins"
    assert sum(data["b"]) == 3_000_520 + 3_000 + 1_000_000
    assert sum(data["a"]) == 3_000_520
    assert "<h1>distroless/&lt;b&gt;</h1>" in shown
    for text in ("large, in every image from `base` on", "app, zlib", '<span class="was">4MB</span>'):
        assert text in shown
    group = re.search(
        r'data-column="w" data-value="(-\d+)"><summary><span class="name">trim</span><span class="says">man<', shown
    )
    assert group is not None
    assert data["w"].count(int(group[1])) == 3
