"""Scripts of this machine, and the way they take into a container."""

import socket
import threading
import time

import pytest

from lissom.verify.bridge import bridge
from lissom.verify.http import NoAnswerError
from lissom.verify.script import run_script

PATH = {"PATH": "/usr/bin:/bin"}


def script(tmp_path, text, mode=0o755):
    path = tmp_path / "check"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
    return path


def test_status_and_output(tmp_path):
    path = script(tmp_path, 'echo "$LISSOM_PORT"; echo err >&2; exit 3')
    answer = run_script(path, {**PATH, "LISSOM_PORT": "81"}, timeout=20)
    assert (answer.status, answer.body.text) == (3, "81\nerr\n")


def test_it_ends_in_time_with_all_it_started(tmp_path):
    path = script(tmp_path, "sleep 60 & sleep 60")
    begin = time.monotonic()
    with pytest.raises(NoAnswerError, match=r"did not end within 0\.3 s"):
        run_script(path, PATH, timeout=0.3)
    assert time.monotonic() - begin < 10


def test_a_script_that_cannot_be_executed(tmp_path):
    with pytest.raises(NoAnswerError, match="Permission denied"):
        run_script(script(tmp_path, "", 0o644), PATH, timeout=1)


def test_the_bridge():
    with socket.create_server(("127.0.0.1", 0)) as inside:
        number = inside.getsockname()[1]

        def serve():
            client, _ = inside.accept()
            with client:
                client.sendall(client.recv(100).upper())

        thread = threading.Thread(target=serve)
        thread.start()
        connect = lambda port, timeout: socket.create_connection(("127.0.0.1", port), timeout)  # noqa: E731
        with bridge(connect, number) as port:
            assert port != number
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(b"hello")
                client.shutdown(socket.SHUT_WR)
                assert client.recv(100) == b"HELLO"
                assert client.recv(100) == b""
        thread.join()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)
