"""Downloads over HTTP that break off, are damaged, or happen twice at once."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.settings import AptSettings
from lissom.errors import IntegrityError

DATA = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(DATA).hexdigest()


class Mirror(ThreadingHTTPServer):
    """Serves DATA; each number of ``breaks`` ends one answer after so many bytes."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges = []
        self.breaks = []
        self.data = DATA
        self.knows_ranges = True

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.server_port}/a.deb"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.knows_ranges else 0
        body = self.server.data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.breaks:
            body = body[: self.server.breaks.pop(0)]
            self.close_connection = True
        self.wfile.write(body)


@pytest.fixture
def mirror():
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def fetcher():
    fetcher = Fetcher(AptSettings())
    yield fetcher
    fetcher.close()


def get(fetcher, mirror, target):
    return fetcher.download([mirror.uri], target, sha256=SHA256, size=len(DATA))


def test_what_broke_off_is_resumed(mirror, fetcher, tmp_path):
    mirror.breaks = [300_000, 200_000]
    assert get(fetcher, mirror, tmp_path / "a.deb")
    assert (tmp_path / "a.deb").read_bytes() == DATA
    assert mirror.ranges == [None, "bytes=300000-", "bytes=500000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.deb"]


def test_what_another_run_left_is_completed(mirror, fetcher, tmp_path):
    (tmp_path / "a.deb.part").write_bytes(DATA[:1000])
    assert get(fetcher, mirror, tmp_path / "a.deb")
    assert mirror.ranges == ["bytes=1000-"]


def test_a_mirror_without_ranges_begins_again(mirror, fetcher, tmp_path):
    mirror.knows_ranges = False
    mirror.breaks = [1000]
    assert get(fetcher, mirror, tmp_path / "a.deb")
    assert (tmp_path / "a.deb").read_bytes() == DATA


def test_a_damaged_file_is_fetched_again(mirror, fetcher, tmp_path):
    (tmp_path / "a.deb").write_bytes(b"x" * len(DATA))
    assert get(fetcher, mirror, tmp_path / "a.deb")
    assert (tmp_path / "a.deb").read_bytes() == DATA


def test_a_beginning_of_something_else_is_given_up(mirror, fetcher, tmp_path):
    (tmp_path / "a.deb.part").write_bytes(b"x" * 1000)
    assert get(fetcher, mirror, tmp_path / "a.deb")
    assert mirror.ranges == ["bytes=1000-", None]


def test_what_stays_wrong_is_refused(mirror, fetcher, tmp_path):
    mirror.data = b"x" * len(DATA)
    (tmp_path / "a.deb.part").write_bytes(b"x" * 1000)
    with pytest.raises(IntegrityError, match="wanted sha256"):
        get(fetcher, mirror, tmp_path / "a.deb")
    assert not list(tmp_path.iterdir())


def test_runs_that_want_the_same_file_fetch_it_once(mirror, tmp_path):
    fetchers = [Fetcher(AptSettings()) for _ in range(8)]
    results = []
    threads = [
        threading.Thread(target=lambda one=one: results.append(get(one, mirror, tmp_path / "a.deb")))
        for one in fetchers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in fetchers:
        one.close()
    assert results == [True] * 8
    assert mirror.ranges == [None]
    assert [path.name for path in tmp_path.iterdir()] == ["a.deb"]
