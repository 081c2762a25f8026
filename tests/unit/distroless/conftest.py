"""Archives that are signed with throw-away keys, and mirrors of them that misbehave."""

import shutil
import threading

import pytest

from unit.distroless.fake_archive import FakeArchive, gpg
from unit.distroless.fake_mirror import Mirror


@pytest.fixture(scope="session")
def gpg_home(tmp_path_factory):
    """A home of gpg with the keys of an archive and of a stranger; ``keys.gpg`` in it is the archive's."""
    if not (shutil.which("gpg") and shutil.which("gpgv")):
        pytest.skip("needs gpg to sign and gpgv to verify")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    for name in ("archive@example", "stranger@example"):
        gpg(home, "--quick-gen-key", name, "ed25519", "sign", "never")
    gpg(home, "-o", str(home / "keys.gpg"), "--export", "archive@example")
    return home


@pytest.fixture
def archive(tmp_path, gpg_home):
    return FakeArchive.create(tmp_path / "archive", gpg_home)


@pytest.fixture
def mirrors(archive):
    """Makes mirrors of ``archive``, which end with the test."""
    with_threads = []

    def start(root=archive.root):
        server = Mirror(root)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        with_threads.append((server, thread))
        return server

    yield start
    for server, thread in with_threads:
        server.shutdown()
        server.server_close()
        thread.join()
