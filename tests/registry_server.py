"""A registry in this process, on loopback, that fails when told to.

It speaks enough of the distribution specification to pull from and push to. ``faults`` is a queue of functions for
each (method, path) prefix: the first one that fits an incoming request is used up and answers it instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

Fault = Callable[["Handler"], None]


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Rule:
    method: str
    pattern: str
    fault: Fault
    times: int


@dataclass
class State:
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    holds: dict[str, set[str]] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    begun: int = 0
    rules: list[Rule] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    auth: str = ""  # "", "basic" or "bearer"
    refresh: str = ""
    tokens: int = 0
    ranges: bool = True
    sent: int = 0  # bytes of blobs
    referrers: bool = False  # whether it lists referrers, and says so when one is put
    deletes: tuple[str, ...] = ()  # of "tag" and "digest"
    page: int = 0  # entries of a page of tags or referrers; 0: all
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RegistryServer

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        if "Content-Length" not in named:
            named["Content-Length"] = str(len(body))
        for key, value in named.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status: int, code: str, message: str, **headers: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        self.answer(status, body, Content_Type="application/json", **headers)

    def handle_one_request(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            super().handle_one_request()

    def _serve(self) -> None:
        state = self.server.state
        with state.lock:
            state.seen.append(Seen(self.command, self.path, dict(self.headers)))
            rule = next(
                (r for r in state.rules if r.method in (self.command, "*") and re.search(r.pattern, self.path)), None
            )
            if rule:
                rule.times -= 1
                if rule.times == 0:
                    state.rules.remove(rule)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if self.command != "GET" else b""
        if rule:
            rule.fault(self)
        elif self.path.startswith("/token"):
            self._token()
        elif self._allowed():
            self._route()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _allowed(self) -> bool:
        state = self.server.state
        given = self.headers.get("Authorization", "")
        if not state.auth:
            return True
        if state.auth == "basic":
            with suppress(ValueError):
                user, _, password = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
                if user and state.users.get(user) == password:
                    return True
            self.error(401, "UNAUTHORIZED", "authentication required", WWW_Authenticate='Basic realm="here"')
            return False
        repository = re.match(r"/v2/(.+)/(?:manifests|blobs|tags)/", self.path)
        actions = "pull" if self.command in ("GET", "HEAD") else "pull,push"
        scope = f"repository:{repository[1]}:{actions}" if repository else ""
        if given.startswith("Bearer ") and (not scope or actions in given):
            return True
        realm = f'Bearer realm="{self.server.url}/token",service="test"' + (f',scope="{scope}"' if scope else "")
        self.error(401, "UNAUTHORIZED", "authentication required", WWW_Authenticate=realm)
        return False

    def _token(self) -> None:
        state = self.server.state
        if self.command == "POST":
            form = parse_qs(self.body.decode())
            good, scopes = form["refresh_token"] == [state.refresh], form["scope"]
        else:
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            user, _, password = base64.b64decode(given).decode().partition(":")
            good, scopes = not state.users or state.users.get(user) == password, parse_qs(self.path)["scope" if "scope=" in self.path else "/token?service"]  # fmt: skip
        if not good:
            self.error(401, "UNAUTHORIZED", "wrong password")
            return
        state.tokens += 1
        token = re.sub(r"[^\w:,/.-]", "_", f"{state.tokens}_" + "+".join(scopes))
        self.answer(200, json.dumps({"token": token, "expires_in": 300}).encode(), Content_Type="application/json")

    def _route(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/v2/":
            self.answer(200, b"{}", Content_Type="application/json")
        elif match := re.fullmatch(r"/v2/(.+)/manifests/([^/]+)", parts.path):
            self._manifest(match[1], match[2])
        elif match := re.fullmatch(r"/v2/(.+)/tags/list", parts.path):
            tags = sorted(t for r, t in self.server.state.manifests if r == match[1] and ":" not in t)
            self._page({"name": match[1]}, "tags", tags)
        elif (match := re.fullmatch(r"/v2/(.+)/referrers/([^/]+)", parts.path)) and self.server.state.referrers:
            self._referrers(match[1], match[2], parse_qs(parts.query))
        elif match := re.fullmatch(r"/v2/(.+)/blobs/uploads/([^/]*)", parts.path):
            self._upload(match[1], match[2], parse_qs(parts.query))
        elif match := re.fullmatch(r"/v2/(.+)/blobs/([^/]+)", parts.path):
            self._blob(match[1], match[2])
        else:
            self.error(404, "NOT_FOUND", "no such thing")

    def _manifest(self, repository: str, name: str) -> None:
        state = self.server.state
        if self.command == "PUT":
            digest = "sha256:" + hashlib.sha256(self.body).hexdigest()
            kind = self.headers["Content-Type"]
            state.manifests[repository, name] = state.manifests[repository, digest] = (kind, self.body)
            subject = _subject(self.body) if state.referrers else None
            self.answer(201, Docker_Content_Digest=digest, **({"OCI_Subject": subject} if subject else {}))
        elif self.command == "DELETE":
            self._delete(repository, name)
        elif (repository, name) in state.manifests:
            kind, raw = state.manifests[repository, name]
            digest = "sha256:" + hashlib.sha256(raw).hexdigest()
            self.answer(200, raw, Content_Type=kind, Docker_Content_Digest=digest)
        else:
            self.error(404, "MANIFEST_UNKNOWN", "manifest unknown")

    def _delete(self, repository: str, name: str) -> None:
        state = self.server.state
        if ("digest" if ":" in name else "tag") not in state.deletes:
            self.error(405, "UNSUPPORTED", "The operation is unsupported.")
        elif (repository, name) not in state.manifests:
            self.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        else:
            gone = state.manifests[repository, name]
            for key in [k for k, m in state.manifests.items() if k[0] == repository and m == gone and ":" in name]:
                del state.manifests[key]
            state.manifests.pop((repository, name), None)
            self.answer(202)

    def _referrers(self, repository: str, digest: str, query: dict[str, list[str]]) -> None:
        found = []
        for (where, name), (kind, raw) in sorted(self.server.state.manifests.items()):
            if where == repository and ":" in name and _subject(raw) == digest:
                document = json.loads(raw)
                entry = {"mediaType": kind, "digest": name, "size": len(raw), "artifactType": document["artifactType"]}
                found.append({**entry, "annotations": document.get("annotations", {})})
        asked = query.get("artifactType", [""])[0]
        headers = {"OCI_Filters_Applied": "artifactType"} if asked else {}
        found = [entry for entry in found if asked in ("", entry["artifactType"])]
        index = "application/vnd.oci.image.index.v1+json"
        self._page({"schemaVersion": 2, "mediaType": index}, "manifests", found, Content_Type=index, **headers)

    def _page(self, document: dict[str, object], name: str, entries: list[object], **headers: str) -> None:
        """One page of a list; the next one is named by a relative Link."""
        parts, size = urlsplit(self.path), self.server.state.page or len(entries)
        query = parse_qs(parts.query)
        start = int(query.pop("from", ["0"])[0])
        if start + size < len(entries):
            rest = urlencode({**{key: values[0] for key, values in query.items()}, "from": start + size})
            headers["Link"] = f'<{parts.path}?{rest}>; rel="next"'
        body = json.dumps({**document, name: entries[start : start + size]}).encode()
        self.answer(200, body, **{"Content_Type": "application/json", **headers})

    def count(self, size: int) -> None:
        with self.server.state.lock:
            self.server.state.sent += size

    def asked_range(self) -> tuple[int, int] | None:
        """Start and end (not included) of the part of a blob that is asked for."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        size = len(self.server.state.blobs.get(self.path.partition("?")[0].rpartition("/")[2], b""))
        return (int(asked[1]), min(size, int(asked[2]) + 1) if asked[2] else size) if asked else None

    def _blob(self, repository: str, digest: str) -> None:
        state = self.server.state
        if digest not in state.blobs or digest not in state.holds.get(repository, set()):
            self.error(404, "BLOB_UNKNOWN", "blob unknown to registry")
            return
        data, asked = state.blobs[digest], self.asked_range()
        if self.command == "GET":
            start, end = asked if asked and state.ranges else (0, len(data))
            self.count(end - start)
        if asked and state.ranges:
            start, end = asked
            where = f"bytes {start}-{end - 1}/{len(data)}"
            self.answer(206, data[start:end], Content_Range=where, Content_Type="application/octet-stream")
        else:
            self.answer(200, data, Content_Type="application/octet-stream")

    def _upload(self, repository: str, name: str, query: dict[str, list[str]]) -> None:
        state = self.server.state
        if self.command == "POST":
            digest, source = query.get("mount", [""])[0], query.get("from", [""])[0]
            if digest in state.holds.get(source, set()):
                state.holds.setdefault(repository, set()).add(digest)
                self.answer(201, Location=f"/v2/{repository}/blobs/{digest}")
                return
            key = f"u{state.begun}"
            state.begun += 1
            state.uploads[key] = bytearray()
            self.answer(202, Location=f"/v2/{repository}/blobs/uploads/{key}?state=a%3Db")
            return
        where = f"/v2/{repository}/blobs/uploads/{name}"
        if self.command in ("GET", "DELETE") or name not in state.uploads:
            self._upload_state(where, name)
            return
        data = state.uploads[name]
        data += self.body
        if self.command == "PATCH":
            self.answer(202, Location=where, Range=f"0-{max(len(data) - 1, 0)}")
            return
        digest = query["digest"][0]
        if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
            del state.uploads[name]
            self.error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
            return
        del state.uploads[name]
        state.blobs[digest] = bytes(data)
        state.holds.setdefault(repository, set()).add(digest)
        self.answer(201, Location=f"/v2/{repository}/blobs/{digest}")

    def _upload_state(self, where: str, name: str) -> None:
        state = self.server.state
        if name not in state.uploads:
            self.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        elif self.command == "GET":
            self.answer(204, Location=where, Range=f"0-{max(len(state.uploads[name]) - 1, 0)}")
        else:
            del state.uploads[name]
            self.answer(204)


def _subject(raw: bytes) -> str | None:
    with suppress(ValueError, AttributeError):
        return (json.loads(raw).get("subject") or {}).get("digest")
    return None


class RegistryServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = State()
        self._thread = threading.Thread(target=lambda: self.serve_forever(poll_interval=0.02), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass

    def fail(self, method: str, pattern: str, fault: Fault, *, times: int = 1) -> None:
        """Answer the next ``times`` fitting requests with ``fault``."""
        self.state.rules.append(Rule(method, pattern, fault, times))

    def hold(self, repository: str, data: bytes) -> str:
        """Let a repository hold a blob; gives its digest."""
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        self.state.blobs[digest] = data
        self.state.holds.setdefault(repository, set()).add(digest)
        return digest

    def asked(self, method: str, pattern: str) -> list[Seen]:
        """The requests so far that fit."""
        return [s for s in self.state.seen if s.method == method and re.search(pattern, s.path)]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer so."""
    return lambda handler: handler.answer(code, body, **headers)


def redirect(target: str) -> Fault:
    return status(307, Location=target)


def cut(after: int, *, reset: bool = False) -> Fault:
    """Send the right answer's head and ``after`` bytes of the blob that is asked for, then close or reset."""

    def fault(handler: Handler) -> None:
        data = handler.server.state.blobs[handler.path.rpartition("/")[2]]
        asked = handler.asked_range()
        start, end = asked or (0, len(data))
        handler.send_response(206 if asked else 200)
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        handler.send_header("Content-Length", str(end - start))
        handler.end_headers()
        handler.count(min(end, start + after) - start)
        handler.wfile.write(data[start : min(end, start + after)])
        handler.wfile.flush()
        _hang_up(handler, reset=reset)

    return fault


def cut_upload(after: int, *, keep: bool = True, reset: bool = False) -> Fault:
    """Take ``after`` bytes of what is uploaded, then close or reset; a registry may ``keep`` them or forget it all."""

    def fault(handler: Handler) -> None:
        state, name = handler.server.state, urlsplit(handler.path).path.rpartition("/")[2]
        if keep:
            state.uploads[name] += handler.body[:after]
        else:
            del state.uploads[name]
        _hang_up(handler, reset=reset)

    return fault


def hang_up(*, reset: bool = False) -> Fault:
    """No answer at all."""
    return lambda handler: _hang_up(handler, reset=reset)


def silence(seconds: float) -> Fault:
    """Hold the line and say nothing."""

    def fault(handler: Handler) -> None:
        time.sleep(seconds)
        _hang_up(handler, reset=False)

    return fault


def endless(head: int = 200, content_type: str = "application/json") -> Fault:
    """A body that never ends."""

    def fault(handler: Handler) -> None:
        handler.send_response(head)
        handler.send_header("Content-Type", content_type)
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(b" " * 65536)
        handler.close_connection = True

    return fault


def slow(seconds: float, piece: int) -> Fault:
    """The right blob, ``piece`` bytes at a time with a pause before each."""

    def fault(handler: Handler) -> None:
        data = handler.server.state.blobs[handler.path.rpartition("/")[2]]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        with suppress(OSError):
            for at in range(0, len(data), piece):
                time.sleep(seconds)
                handler.wfile.write(data[at : at + piece])

    return fault


def _hang_up(handler: Handler, *, reset: bool) -> None:
    if reset:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
    else:
        with suppress(OSError):
            handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
