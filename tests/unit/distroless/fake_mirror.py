"""A web server of an archive that can be told to misbehave."""

import os
import socket
import struct
import threading
from dataclasses import dataclass
from email.message import Message
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Fault:
    """What goes wrong with requests whose path contains ``part``, ``times`` times: a ``status`` instead of the file, or
    after so many bytes of it an end (``how`` is close, reset or stall).
    """

    part: str
    status: int = 200
    after: int = 0
    how: str = "close"
    times: int = 1 << 30


class Mirror(ThreadingHTTPServer):
    """Serves the files below ``root`` and notes which paths are asked for."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.asked: list[str] = []
        self.headers: list[Message] = []
        self.unchanged: list[str] = []
        self.faults: list[Fault] = []
        self.ended = threading.Event()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.part in path and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def translated(self, path: str) -> str:
        """The path below ``root`` of what is asked for."""
        return path

    def handle_error(self, *_: object) -> None:
        """Clients that have had enough are no news."""

    def shutdown(self) -> None:
        self.ended.set()
        super().shutdown()


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Mirror

    def log_message(self, *words: object) -> None:
        pass

    def translate_path(self, path: str) -> str:
        return str(self.server.root) + self.server.translated(path)

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append(self.headers)
        fault = self.server.fault(self.path)
        if fault is None:
            super().do_GET()
        elif fault.status != 200:
            self.send_error(fault.status)
        else:
            self._break_off(fault)

    def send_response(self, code: int, message: str | None = None) -> None:
        if code == 304:
            self.server.unchanged.append(self.path)
        super().send_response(code, message)

    def _break_off(self, fault: Fault) -> None:
        path = self.translate_path(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(os.path.getsize(path)))
        self.end_headers()
        self.wfile.write(Path(path).read_bytes()[: fault.after])
        self.wfile.flush()
        self.close_connection = True
        if fault.how == "stall":
            self.server.ended.wait(20)
        elif fault.how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
