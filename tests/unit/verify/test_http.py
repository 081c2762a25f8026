"""Requests to a real small server."""

import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from lissom.verify.http import NoAnswerError, Server
from lissom.verify.probe import Http


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, text, status=200, **headers):
        data = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/count":
            cookie = self.headers.get("Cookie", "n=0")
            number = int(cookie.partition("n=")[2]) + 1
            return self.say(str(number), Set_Cookie=f"n={number}; Path=/")
        if self.path == "/form":
            return self.say('<input type="hidden" name="csrfmiddlewaretoken" value="s3cret">')
        if self.path == "/short":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            self.close_connection = True
            return None
        if self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                threading.Event().wait(0.05)
        if self.path == "/continue":
            while True:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        if self.path == "/nonsense":
            self.wfile.write(b"SSH-2.0-x\r\n")
            self.close_connection = True
            return None
        if self.path == "/chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            return None
        return self.say(f"{self.path} {self.headers.get('X', '')}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/notes":
            return self.say("", 302, Location="/made?" + body)
        if self.path == "/form":
            return self.say(parse_qs(body)["csrfmiddlewaretoken"][0])
        return self.say(f"{self.headers.get('Content-Type')} {body}")


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass


@pytest.fixture
def listening():
    """Start servers; gives a function that makes one, with TLS or without, and its port."""
    servers = []

    def start(context=None):
        server = Quiet(("127.0.0.1", 0), Site)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def connect(port, timeout):
    return socket.create_connection(("127.0.0.1", port), timeout)


@pytest.fixture
def server(listening):
    return Server(connect, listening(), timeout=5)


def text_of(server, **wanted):
    return server.ask(Http(**wanted)).body.text


def test_requests(server):
    assert text_of(server, path="/a?b=\u00fc d", headers=(("X", "y"),)) == "/a?b=%C3%BC%20d y"
    assert text_of(server, method="POST", path="/p", form=(("a", "b c"),)) == "application/x-www-form-urlencoded a=b+c"
    assert text_of(server, method="POST", path="/p", body=b"raw") == "None raw"
    assert text_of(server, path="/chunks") == "abcde"
    assert server.tls is False


def test_files(server):
    text = text_of(server, method="POST", path="/p", files=(("f", "a.csv", "1,2"),), form=(("k", "v"),))
    kind, _, body = text.partition(" multipart") if text.startswith(" ") else text.partition("\r\n")
    assert kind.startswith("multipart/form-data; boundary=")
    assert 'name="f"; filename="a.csv"\r\nContent-Type: application/octet-stream\r\n\r\n1,2\r\n' in body
    assert 'name="k"\r\n\r\nv\r\n' in body


def test_redirects_are_followed_when_asked(server):
    wanted = Http("POST", "/notes", form=(("a", "b"),))
    assert server.ask(wanted).status == 302
    assert text_of(server, method="POST", path="/notes", form=(("a", "b"),), follow=True) == "/made?a=b "


def test_cookies_and_repetition(server):
    assert text_of(server, path="/count", repeat=3) == "1"
    assert text_of(server, path="/count", repeat=3, cookies=True) == "3"


def test_a_token_is_taken_from_a_form(server):
    assert text_of(server, method="POST", path="/form", csrf="/form") == "s3cret"
    with pytest.raises(NoAnswerError, match="its page has no csrf field"):
        server.ask(Http("POST", "/form", csrf="/a"))


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/short", "IncompleteRead"),
        ("/nonsense", "BadStatusLine"),
        ("/slow", "no whole answer within 0.5 s"),
        ("/continue", "no whole answer"),
    ],
)
def test_answers_that_are_none(listening, path, cause):
    server = Server(connect, listening(), timeout=0.5)
    server.tls = False
    with pytest.raises(NoAnswerError, match=cause):
        server.ask(Http(path=path))


def test_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    server = Server(connect, port, timeout=1)
    assert server.greet(timeout=1) is None
    with pytest.raises(NoAnswerError, match=rf"cannot ask `GET :{port}/x`: nothing listens there"):
        server.ask(Http(path="/x"))


def test_tls_is_found_out(listening, tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         "key", "-out", "crt", "-subj", "/CN=x"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("needs openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    server = Server(connect, listening(context), timeout=5)
    assert server.ask(Http("POST", "/p", body=b"x")).body.text == "None x"
    assert server.tls is True
