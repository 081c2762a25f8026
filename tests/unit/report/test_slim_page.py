"""The page of a slim."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from lissom.analysis.surface import Surface
from lissom.report.path_columns import embedded
from lissom.report.slim_data import paths
from lissom.report.slim_page import page
from lissom.slim.account import Account, Kept, ProbeRow, Removed, Repair, Side

EVIL = "</script><script>alert(1)</script>'\"&\u2028"


def an_account(**fields) -> Account:
    return Account(
        **{
            "before": Side("app:1", "sha256:" + "0" * 64, 1_000_000, 400_000, 1234, 3),
            "after": Side("app:1-slim", "sha256:" + "1" * 64, 50_000, 30_000, 12, 1),
            "level": "file",
            "kept": (
                Kept("usr", "on the way", "usr/bin/a", kind="directory"),
                Kept("usr/bin/a", "executed", "the entry point", 40_000, 60_000, "deb app"),
                Kept("usr/lib/b", "elf-needs", "usr/bin/a", 9, 9),
            ),
            "removed": (Removed("usr/share/c", 900_000, "deb vim"), Removed("usr-d", 5, reason="--drop d")),
            "rules": {"executed": "It was executed while the probes ran."},
            "probes": (ProbeRow("GET /", "200", "200", "passed", 0.1, 0.2),),
            **fields,
        }
    )


class Reader(HTMLParser):
    """Checks that elements close in the order in which they open, and collects what is asked for."""

    VOID = ("meta", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.scripts = 0
        self.links: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.scripts += tag == "script"
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("src", "href") if name in found]
        assert not [name for name in found if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def data_of(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_is_one_file_that_needs_no_network() -> None:
    text = page(an_account(surface_before=Surface(shells=("bin/sh",)), surface_after=Surface(), modules=("java.base",)))
    found = Reader(text)
    assert found.scripts == 2
    assert all(link.startswith("#") for link in found.links)
    assert {link[1:] for link in found.links} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text
    for words in ("app:1-slim", "-95.0%", "The proof passes", "It was executed while the probes ran.", "deb vim",
                  "shells that went", "java.base", "1 of 1 probes see what they saw before"):  # fmt: skip
        assert words in text


def test_every_id_of_the_script_is_in_the_page() -> None:
    text = page(an_account())
    named = set(re.findall(r"""\$\("([a-z-]+)"\)""", text)) | set(re.findall(r'new Map_\("([a-z-]+)"', text))
    assert named
    assert named <= set(Reader(text).ids)


def test_names_of_strangers_stay_text() -> None:
    account = an_account(
        before=Side(EVIL, EVIL, 1, 1, 1, 1),
        kept=(Kept(EVIL, EVIL, EVIL, 1, 1, EVIL, EVIL), Kept("\udcff", "r", "", 1, 1)),
        removed=(Removed(EVIL, 1, EVIL, EVIL, EVIL),),
        rules={EVIL: EVIL},
        probes=(ProbeRow(EVIL, EVIL, EVIL, EVIL),),
        repairs=(Repair(EVIL, 1, EVIL),),
        warnings=(EVIL,),
        modules=(EVIL,),
        timing={EVIL: 1},
        surface_before=Surface(user=EVIL, shells=(EVIL,)),
        surface_after=Surface(),
        created=EVIL,
    )
    text = page(account)
    assert Reader(text).scripts == 2
    assert "alert(1)</script>" not in text
    assert "\\xff" in data_of(text)["n"]
    text.encode()


def test_the_data_is_a_tree_in_columns() -> None:
    data = paths(an_account())
    names = data["n"]
    assert names == ["", "usr", "bin", "a", "lib", "b", "share", "c", "usr-d"]
    assert all(parent < number for number, parent in enumerate(data["p"][1:], 1))
    at = {name: number for number, name in enumerate(names)}
    assert [data["b"][at[name]] for name in "abc"] == [60_000, 9, 900_000]
    assert [data["a"][at[name]] for name in "abc"] == [40_000, 9, 0]
    assert data["w"][at["b"]] == at["a"]
    assert data["texts"][-1 - data["w"][at["a"]]] == "the entry point"
    assert data["texts"][-1 - data["w"][at["usr-d"]]] == "--drop d"
    assert data["reasons"][data["r"][at["a"]]]["name"] == "executed"
    assert data["r"][at["c"]] == -1
    assert data["packages"][data["g"][at["c"]]] == "deb vim"
    assert data["kinds"][data["k"][at["bin"]]] == "directory"


@pytest.mark.parametrize(
    "account", [an_account(kept=(), removed=(), probes=(), after=Side("", "", 0), before=Side("", "", 0))]
)
def test_an_empty_image_has_a_page(account) -> None:
    text = page(account)
    Reader(text)
    assert "Nothing went: the image was minimal already." in text
    assert "Nothing was proven" in text


def test_embedded_json_ends_no_element() -> None:
    assert embedded({"a": "</script>\u2028<!--"}) == '{"a":"\\u003c/script>\\u2028\\u003c!--"}'
    assert json.loads(embedded({"a": EVIL})) == {"a": EVIL}


def test_forty_thousand_paths_fit_three_megabytes() -> None:
    kept = tuple(
        Kept(
            f"usr/lib/python3/dist-packages/p{n // 50}/module_{n}.py",
            "python-module",
            "usr/bin/python3",
            n,
            n,
            f"deb {n // 50}",
        )
        for n in range(20_000)
    )
    removed = tuple(
        Removed(f"usr/share/doc/package{n // 7}/some-file-{n}", n, f"deb package{n // 7}") for n in range(20_000)
    )
    text = page(an_account(kept=kept, removed=removed))
    assert len(text.encode()) < 3_000_000
