"""Mount points beside an image: made in a directory of their own, resolved inside the image."""

import os

import pytest

from lissom.sandbox.stubs import Stubs


@pytest.fixture
def image(tmp_path):
    root = tmp_path / "image"
    for path in ("etc", "usr/lib", "real/deep"):
        (root / path).mkdir(parents=True)
    (root / "etc/hosts").write_text("")
    (root / "lib").symlink_to("usr/lib")
    (root / "absolute").symlink_to("/real")
    (root / "escape").symlink_to("../../../outside")
    (root / "loop").symlink_to("loop")
    (root / "etc").chmod(0o750)
    os.utime(root / "etc", (5, 7))
    (tmp_path / "stubs").mkdir()
    return root, tmp_path / "stubs"


def stubbed(image, *targets):
    stubs = Stubs(*map(str, image))
    for target, directory in targets:
        stubs.add(target, directory=directory)
    stubs.finish()
    found = sorted(path.relative_to(image[1]) for path in image[1].rglob("*"))
    return {str(path): "d" if (image[1] / path).is_dir() else "f" for path in found}


@pytest.mark.parametrize(
    ("target", "directory", "found"),
    [
        ("/etc/hosts", False, {"etc": "d"}),  # it is there: only its parent is copied
        ("/etc/resolv.conf", False, {"etc": "d", "etc/resolv.conf": "f"}),
        ("/lib/x", True, {"usr": "d", "usr/lib": "d", "usr/lib/x": "d"}),
        ("/absolute/deep/x", True, {"real": "d", "real/deep": "d", "real/deep/x": "d"}),
        ("/escape/x", True, {"outside": "d", "outside/x": "d"}),
        ("/../../new/x", False, {"new": "d", "new/x": "f"}),
    ],
)
def test_where_stubs_are_made(image, target, directory, found):
    assert stubbed(image, (target, directory)) == found


def test_parents_keep_mode_and_time(image):
    stubbed(image, ("/etc/a", False), ("/etc/b", True))
    status = (image[1] / "etc").stat()
    assert (status.st_mode & 0o7777, status.st_mtime) == (0o750, 7)


def test_impossible_targets(image):
    with pytest.raises(OSError, match="too many levels of symbolic links"):
        stubbed(image, ("/loop/x", True))
    with pytest.raises(OSError, match="`/etc/hosts`: it is not a directory"):
        stubbed(image, ("/etc/hosts/x", True))
