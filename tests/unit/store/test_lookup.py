"""Files of stacked directories, found without a mount."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lissom.store.lookup import Unclear, look


def stack(root: Path, *layers: dict[str, str]) -> list[Path]:
    made = []
    for number, files in enumerate(layers):
        directory = root / str(number)
        directory.mkdir()
        for path, text in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text)
        made.append(directory)
    return made


def test_the_topmost_file_is_found(tmp_path: Path) -> None:
    lowers = stack(tmp_path, {"etc/passwd": "old"}, {"etc/passwd": "new", "etc/x": ""}, {"etc/group": ""})
    assert look(lowers, "etc/passwd") == lowers[1] / "etc/passwd"
    assert look(lowers, "etc/shadow") is None


def test_an_opaque_directory_hides_what_is_below(tmp_path: Path) -> None:
    lowers = stack(tmp_path, {"etc/passwd": "old"}, {"etc/x": ""})
    try:
        os.setxattr(lowers[1] / "etc", "user.overlay.opaque", b"y")
    except OSError:
        pytest.skip("the file system has no user attributes")
    assert look(lowers, "etc/passwd") is None
    assert look(lowers, "etc/x") == lowers[1] / "etc" / "x"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_whiteout_hides_what_is_below(tmp_path: Path) -> None:
    lowers = stack(tmp_path, {"etc/passwd": "old"}, {"etc/x": ""})
    os.mknod(lowers[1] / "etc" / "passwd", 0o020000, 0)
    assert look(lowers, "etc/passwd") is None


def test_links_are_left_to_a_tree(tmp_path: Path) -> None:
    lowers = stack(tmp_path, {"usr/etc/passwd": "there"})
    (lowers[0] / "etc").symlink_to("usr/etc")
    with pytest.raises(Unclear):
        look(lowers, "etc/passwd")
