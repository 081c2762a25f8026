"""Signatures by gpgv, or by sqv where there is no gpgv."""

import shutil

import pytest

from lissom.distroless.archive.signature import armoured, require_verifier, verify_detached, verify_inline
from lissom.errors import IntegrityError, UsageError
from unit.distroless.fake_archive import gpg

TEXT = b"Origin: Debian\nCodename: bookworm\n"


@pytest.fixture(params=["gpgv", "sqv"])
def verifier(request, tmp_path, monkeypatch):
    """The only verifier that can be found."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"needs {request.param}")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / request.param).symlink_to(program)
    return lambda: monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def signed(home, directory, *how, key="archive@example"):
    plain, out = directory / "Release", directory / "signed"
    plain.write_bytes(TEXT)
    gpg(home, "-u", key, "-o", str(out), *how, str(plain))
    return out.read_bytes()


@pytest.fixture
def stranger(gpg_home, tmp_path):
    gpg(gpg_home, "-o", str(tmp_path / "stranger.gpg"), "--export", "stranger@example")
    return str(tmp_path / "stranger.gpg")


def test_detached(gpg_home, tmp_path, stranger, verifier):
    signature = signed(gpg_home, tmp_path, "--detach-sign")
    own = str(gpg_home / "keys.gpg")
    verifier()
    require_verifier()
    for keys in ([own], [stranger, own], [own, stranger], [armoured([stranger, own])]):
        verify_detached("x", TEXT, signature, keys)
    with pytest.raises(IntegrityError, match="cannot trust `x`: "):
        verify_detached("x", TEXT, signature, [stranger])
    with pytest.raises(IntegrityError, match="cannot trust `x`: "):
        verify_detached("x", TEXT + b"Evil: yes\n", signature, [own])
    with pytest.raises(IntegrityError, match="cannot trust `x`: "):
        verify_detached("x", TEXT, b"", [own])


def test_inline_with_several_keyrings(gpg_home, tmp_path, stranger):
    data = signed(gpg_home, tmp_path, "--clearsign")
    own = str(gpg_home / "keys.gpg")
    assert verify_inline("x", data, [stranger, own]) == TEXT
    with pytest.raises(IntegrityError, match=r"it is not signed by a key of the source's own"):
        verify_inline("x", data, [armoured([stranger])])


def test_nothing_is_believed_without_a_verifier(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="neither gpgv nor sqv is installed"):
        require_verifier()
