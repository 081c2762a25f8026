"""What a program in Python expects of its library and of what is around it; a line for each."""

import asyncio
import ctypes
import ctypes.util
import datetime
import hashlib
import locale
import lzma
import os
import pathlib
import pwd
import sqlite3
import ssl
import subprocess
import sys
import threading
import urllib.request
import zoneinfo
from http.server import BaseHTTPRequestHandler, HTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write("größe".encode())

    def log_message(self, *_):
        pass


def https():
    server = HTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/app/site.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with urllib.request.urlopen(f"https://localhost:{server.server_port}/") as answer:
        return answer.read().decode()


async def both():
    return await asyncio.gather(asyncio.sleep(0, "a"), asyncio.to_thread(lambda: "b"))


with sqlite3.connect(":memory:") as database:
    print("sqlite", database.execute("select upper('a')").fetchone()[0])
print("ctypes", ctypes.CDLL(ctypes.util.find_library("c")).abs(-3))
print("asyncio", asyncio.run(both()))
noon = datetime.datetime.fromtimestamp(1700000000, zoneinfo.ZoneInfo("Asia/Kathmandu"))
print("zoneinfo", noon.hour, len(zoneinfo.available_timezones()) > 500)
print("locale", locale.setlocale(locale.LC_ALL, ""), sys.stdout.encoding, sys.getfilesystemencoding())
print("subprocess", subprocess.run([sys.executable, "-c", "print('é')"], capture_output=True, text=True).stdout.strip())
print("lzma", lzma.decompress(lzma.compress(b"x" * 9)).decode())
print("legacy", hashlib.new("ripemd160", b"").hexdigest()[:6])
print("authorities", len(ssl.create_default_context().get_ca_certs()) > 100)
print("https", https())
print("user", os.getuid(), pwd.getpwuid(os.getuid()).pw_name, pathlib.Path.home())
