"""Logins against docker-registry: passwords, tokens from a server of ours, and files shared with other clients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from authorities import Authority
from authorities import authority as authority_in
from lissom_runs import Lissom, lissom_of, passed, small_layout
from oracle.registry import running
from token_server import TokenServer, token_server

pytestmark = [
    pytest.mark.registry,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

PASSWORD = "s3cr3t-w0rd"
# bcrypt of it: the registry takes no other kind
USERS = "me:$2y$05$abcdefghijklmnopqrstuuswOJ.QUCpuyZO9HSy3fJrzByYtDTJTK\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return authority_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[str]:
    """A registry that wants a password."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "users").write_text(USERS)
    with running(folder, f"auth: {{htpasswd: {{realm: here, path: {folder}/users}}}}\n") as host:
        yield host


@pytest.fixture
def tokens(authority) -> Iterator[TokenServer]:
    with token_server(authority, {"me": PASSWORD}) as server:
        yield server


@pytest.fixture
def trusting(tmp_path, tokens) -> Iterator[str]:
    """A registry that wants tokens."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with running(folder, tokens.settings) as host:
        yield host


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def lissom(tmp_path) -> Lissom:
    return lissom_of(tmp_path)


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> str:
    return f"oci:{small_layout(tmp_path_factory.mktemp('image'))}"


def logged_in(lissom: Lissom, host: str, *flags: str, **environment: str) -> str:
    done = lissom("login", host, "-u", "me", "--password-stdin", *flags, stdin=PASSWORD + "\n", **environment)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_password_opens_and_only_the_right_one(guarded, lissom, image, home):
    app = f"docker://{guarded}/first/app:1"
    refused = lissom("copy", image, app)
    assert refused.returncode == 4
    assert f"hint: log in with `lissom login {guarded}`" in refused.stderr
    wrong = lissom("login", guarded, "-u", "me", "--password-stdin", stdin="guess")
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        4, f"error: cannot log in to `{guarded}`: it refuses the user name or the password",
    )  # fmt: skip
    assert not (home / ".docker").exists()
    file = home / ".docker" / "config.json"
    assert (
        logged_in(lissom, guarded) == f"logged in to {guarded} as me; the password is kept in {file}, not encrypted\n"
    )
    assert passed(lissom("login", "--get-login", guarded)) == "me"
    digest = passed(lissom("copy", image, app))
    assert passed(lissom("pull", f"{guarded}/first/app:1")) == digest
    assert lissom("logout", guarded).stderr == f"logged out of {guarded}\n"
    assert lissom("pull", f"{guarded}/first/app:1").returncode == 4
    assert lissom("login", "--get-login", guarded).returncode == 1


def test_a_login_that_is_refused_is_named_with_its_file(guarded, lissom, home):
    file = home / ".docker" / "config.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"auths": {guarded: {"username": "me", "password": "0ld-w0rd"}}}))
    done = lissom("pull", f"{guarded}/first/app:1")
    assert done.returncode == 4
    assert done.stderr.endswith(
        f"hint: the login of `me` is from `{file}`: replace it with `lissom login {guarded}`, "
        f"or drop it with `lissom logout {guarded}`\n"
    )
    assert "0ld-w0rd" not in done.stderr


@pytest.mark.foreign
@pytest.mark.parametrize("client", ["skopeo", "podman"])
def test_others_read_what_login_writes(client, guarded, lissom, image, tmp_path):
    if shutil.which(client) is None:
        pytest.skip(f"{client} is not installed")
    file = tmp_path / "auth.json"
    logged_in(lissom, guarded, "--authfile", str(file))
    passed(lissom("copy", image, f"docker://{guarded}/{client}/app:1", "--authfile", str(file)))
    if client == "skopeo":
        command = ["skopeo", "inspect", "--tls-verify=false", f"docker://{guarded}/skopeo/app:1"]
    else:
        command = ["podman", "login", "--get-login", guarded]
    done = subprocess.run(
        [*command, "--authfile", str(file)], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert client == "skopeo" or done.stdout == "me\n"


@pytest.mark.foreign
@pytest.mark.parametrize("client", ["skopeo", "podman", "docker"])
def test_login_reads_what_others_write(client, guarded, lissom, image, tmp_path):
    if shutil.which(client) is None:
        pytest.skip(f"{client} is not installed")
    file = tmp_path / ("config.json" if client == "docker" else "auth.json")
    login = (
        ["--config", str(tmp_path), "login"]
        if client == "docker"
        else ["login", "--tls-verify=false", "--authfile", str(file)]
    )
    done = subprocess.run(
        [client, *login, "-u", "me", "--password-stdin", guarded],
        input=PASSWORD, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none"},  # without a daemon docker asks the registry itself
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    app = f"docker://{guarded}/{client}/app:1"
    passed(lissom("copy", image, app, REGISTRY_AUTH_FILE=str(file)))
    passed(lissom("copy", image, app, "--authfile", str(file)))
    assert lissom("logout", guarded, "--authfile", str(file)).returncode == 0
    assert json.loads(file.read_text())["auths"] == {}


def test_a_login_for_a_part_of_a_registry(guarded, lissom, image, home):
    assert f"logged in to {guarded}/team as me" in logged_in(lissom, f"{guarded}/team")
    assert list(json.loads((home / ".docker" / "config.json").read_text())["auths"]) == [f"{guarded}/team"]
    passed(lissom("copy", image, f"docker://{guarded}/team/app:1"))
    assert lissom("copy", image, f"docker://{guarded}/other/app:1").returncode == 4


def test_a_helper_keeps_the_login(guarded, lissom, image, tmp_path, home):
    """A helper that keeps what it is given in a file, as real ones do in a key ring."""
    helper = tmp_path / "bin" / "docker-credential-tests"
    helper.parent.mkdir()
    kept = tmp_path / "kept.json"
    helper.write_text(f"""#!{sys.executable}
import json, os, sys
path = {str(kept)!r}
known = json.load(open(path)) if os.path.exists(path) else {{}}
text = sys.stdin.read()
if sys.argv[1] == "store":
    login = json.loads(text)
    known[login["ServerURL"]] = login
elif text not in known:
    sys.exit(print("credentials not found in native keychain") or 1)
elif sys.argv[1] == "get":
    print(json.dumps(known[text]))
else:
    del known[text]
json.dump(known, open(path, "w"))
""")
    helper.chmod(0o755)
    path = f"{helper.parent}:{os.environ['PATH']}"
    file = home / ".docker" / "config.json"
    file.parent.mkdir()
    file.write_text('{"credsStore": "tests"}')
    assert logged_in(lissom, guarded, PATH=path).endswith("; the password is kept in docker-credential-tests\n")
    assert PASSWORD not in file.read_text()
    passed(lissom("copy", image, f"docker://{guarded}/helped/app:1", PATH=path))
    assert lissom("logout", guarded, PATH=path).stderr == f"logged out of {guarded}\n"
    assert json.loads(kept.read_text()) == {}
    assert lissom("logout", guarded, PATH=path).stderr.startswith(f"not logged in to {guarded}")


def test_tokens_for_everybody_and_for_members(trusting, tokens, lissom, image, home):
    assert lissom("copy", image, f"docker://{trusting}/team/app:1").returncode == 4
    logged_in(lissom, trusting)
    digest = passed(lissom("copy", image, f"docker://{trusting}/team/app:1"))
    assert passed(lissom("pull", f"{trusting}/team/app:1")) == digest
    del tokens.asked[:]
    passed(lissom("copy", f"docker://{trusting}/team/app:1", f"docker://{trusting}/team/other:1"))
    both = ["repository:team/app:pull", "repository:team/other:pull,push"]
    assert both in [asked.query["scope"] for asked in tokens.asked]  # so that blobs can be mounted
    forbidden = lissom("copy", image, f"docker://{trusting}/public/app:1")
    assert forbidden.returncode == 4
    assert f"replace it with `lissom login {trusting}`" in forbidden.stderr
    assert PASSWORD not in forbidden.stderr
    lissom("logout", trusting)
    missing = lissom("pull", f"{trusting}/public/none:1")
    assert "404 Not Found: MANIFEST_UNKNOWN" in missing.stderr  # without a login, but with a token
    assert {asked.user for asked in tokens.asked[-1:]} == {""}


def test_an_identity_token_is_kept_in_place_of_the_password(trusting, tokens, lissom, image, home):
    tokens.refresh = "1dentity-t0ken"
    assert "an identity token is kept in" in logged_in(lissom, trusting)
    text = (home / ".docker" / "config.json").read_text()
    assert "1dentity-t0ken" in text
    assert "bWU6czNjcjN0LXcwcmQ" not in text  # me:s3cr3t-w0rd in base64
    del tokens.asked[:]
    passed(lissom("copy", image, f"docker://{trusting}/team/app:1"))
    assert {asked.method for asked in tokens.asked} == {"POST"}


def test_an_identity_token_that_was_taken_back(trusting, tokens, lissom, image):
    tokens.refresh = "1dentity-t0ken"
    logged_in(lissom, trusting)
    tokens.refresh = "an0ther"
    done = lissom("copy", image, f"docker://{trusting}/team/app:1")
    assert done.returncode == 4
    assert f"cannot POST `{tokens.realm}`: 401 Unauthorized: DENIED" in done.stderr
    assert "replace it with `lissom login" in done.stderr


def test_a_token_that_ends_on_the_way(trusting, tokens, lissom, tmp_path, home):
    """Tokens that the registry takes for two or three seconds, whatever the server says."""
    tokens.ends = 3
    logged_in(lissom, trusting)
    code = f"""
import time
from pathlib import Path
from lissom.image.image import put_bytes
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER_GZIP, Descriptor
from lissom.oci.reference import Reference
from lissom.registry.client import Registry
from lissom.registry.logins.credentials import ConfigFiles
from lissom.registry.session import Session
with Session(credentials=ConfigFiles([Path({str(home / ".docker" / "config.json")!r})])) as session:
    place = Registry(Reference.parse("{trusting}/team/app:1"), session)
    for data in (b"one" * 10**6, b"two" * 10**6):
        put_bytes(place, Descriptor(LAYER_GZIP, Digest.of(data), len(data)), data)
        assert place.has_blob(Digest.of(data))
        time.sleep(3.3)
        with place.open(Descriptor(LAYER_GZIP, Digest.of(data), len(data))) as stream:
            assert stream.read() == data
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert len(tokens.given) >= 4  # one to log in with, and one for each of three pauses


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (403, b'{"errors": [{"code": "DENIED", "message": "blocked"}]}', "403 Forbidden: DENIED: blocked"),
        (200, b"<html>welcome</html>", "the token server's answer is not JSON"),
        (200, b"{" + b" " * 70000 + b"}", "the answer is longer than 65536 bytes"),
        (400, b"<html>", "400 Bad Request: an HTML page, not a registry's answer"),
    ],
    ids=["forbidden", "page", "huge", "bad-request"],
)
def test_token_servers_that_do_not_help(trusting, tokens, lissom, status, body, cause):  # noqa: PLR0917 - fixtures
    def instead(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html" if b"<" in body else "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    tokens.instead = instead
    done = lissom("pull", f"{trusting}/team/app:1")
    assert done.returncode == 4
    assert done.stderr.splitlines()[0] == f"error: cannot GET `{tokens.realm}?…`: {cause}"


def test_two_logins_at_once_lose_nothing(guarded, home, tmp_path):
    code = """
import sys
from pathlib import Path
from lissom.registry.logins.credentials import forget, remember
from lissom.registry.logins.login import Login
for number in range(20):
    remember(Path(sys.argv[1]), f"{sys.argv[2]}-{number}.example", Login("me", "pw"))
"""
    file = tmp_path / "config.json"
    children = [subprocess.Popen([sys.executable, "-c", code, str(file), name]) for name in "abc"]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert len(json.loads(file.read_text())["auths"]) == 60
