"""Which identities an ordinary user has."""

import errno

from lissom.rootfs.ownership import Ownership
from lissom.sandbox.userns import Identities, find_identities, why_refused


def test_ranges_by_number(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name, path: f"/usr/bin/{name}")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/subuid").write_text("other:1:2\n4242:100000:65536\n4242:bad:1\n")
    (tmp_path / "etc/subgid").write_text("4242:200000:65536\n")
    found = find_identities(root=tmp_path, uid=4242)
    assert found == Identities(((100000, 65536),), ((200000, 65536),))
    assert found.ownership is Ownership.KERNEL
    assert find_identities(root=tmp_path, uid=4243).ownership is Ownership.RECORDED


def test_without_the_programs_there_is_one_identity(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    assert find_identities(root=tmp_path) == Identities()


def test_a_full_table_is_explained():
    assert "user.max_user_namespaces" in why_refused(OSError(errno.ENOSPC, "full"))
