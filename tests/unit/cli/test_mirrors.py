"""``lissom mirrors``: what it shows, and what it finds out by asking."""

import hashlib
import json
import socket
import subprocess
import sys

import pytest

from authorities import authority, speak_tls
from registry_server import RegistryServer, status

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def hold(server, repository, layer=b"layer" * 100_000, tag="1"):
    described = [
        {"mediaType": kind, "digest": server.hold(repository, data), "size": len(data)}
        for kind, data in (("application/vnd.oci.image.config.v1+json", b"{}"), (LAYER, layer))
    ]
    raw = json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": described[0], "layers": described[1:]}
    ).encode()
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    server.state.manifests[repository, tag] = server.state.manifests[repository, digest] = (MANIFEST, raw)
    return digest


@pytest.fixture
def servers():
    found = [RegistryServer() for _ in range(3)]
    yield found
    for server in found:
        server.stop()


@pytest.fixture
def mirrors(run_cli, tmp_path):
    """The command, for a user without any configuration of container tools, on a machine that may have some."""
    (tmp_path / "no.conf").touch()
    own = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "no.conf")}
    return lambda *arguments, env=None, **more: run_cli("mirrors", *arguments, env={**own, **(env or {})}, **more)


@pytest.mark.parametrize("words", [("--help",), ("test", "--help")])
def test_help_has_examples(mirrors, words):
    assert "Examples:" in mirrors(*words, check=True).out


def test_a_route(mirrors):
    ran = mirrors(
        "--mirror", "https://m.example/hub", "--mirror", "n.example:5000", "debian", "a.example/x", check=True
    )
    assert [line.rstrip() for line in ran.out.splitlines()] == [
        "debian:latest (as --mirror says)",
        "    ADDRESS                                   WHAT       ASKED BY        NOW",
        "1   https://m.example/v2/hub/library/debian   mirror     tags, digests",
        "2   n.example:5000/v2/library/debian          mirror     tags, digests",
        "3   registry-1.docker.io/v2/library/debian    registry   tags, digests",
        "",
        "a.example/x:latest (as its name says)",
        "    ADDRESS          WHAT       ASKED BY        NOW",
        "1   a.example/v2/x   registry   tags, digests",
    ]


def test_all_that_is_configured(mirrors):
    ran = mirrors("--json", env={"LISSOM_MIRRORS": "m.example, a.example/team=n.example"}, check=True)
    assert [(item["image"], item["saidBy"], item["endpoints"][0]["url"]) for item in json.loads(ran.out)] == [
        ("docker.io/library/image:latest", "LISSOM_MIRRORS", "m.example/v2/library/image"),
        ("a.example/team/image:latest", "LISSOM_MIRRORS", "n.example/v2/image"),
    ]


def test_nothing_is_configured(mirrors):
    ran = mirrors(check=True)
    assert (ran.out, ran.err) == ("", "no mirrors are configured: every registry is asked itself\n")
    assert mirrors("--json", check=True).out == "[]\n"


def test_headers_stay_secret(mirrors, tmp_path):
    place = tmp_path / "config/containerd/certs.d/a.example"
    place.mkdir(parents=True)
    (place / "hosts.toml").write_text('[host."https://m.example".header]\nauthorization = "Basic c2VjcmV0"\n')
    for flags in ((), ("--json",)):
        ran = mirrors(*flags, "a.example/x", check=True)
        assert "m.example" in ran.out
        assert "c2VjcmV0" not in ran.out


def test_places_are_really_asked_and_ranked(mirrors, servers):
    origin, good, poor = servers
    digest = hold(origin, "app")
    hold(good, "app")
    poor.fail("GET", "/manifests/", status(503), times=9)
    poor.fail("HEAD", "/manifests/", status(503), times=9)
    flags = [word for server in (poor, good) for word in ("--mirror", f"{origin.host}=http://{server.host}")]
    ran = mirrors("test", "--json", *flags, f"{origin.host}/app:1", check=True)
    bad, mirror, registry = json.loads(ran.out)["endpoints"]
    assert {mirror["rank"], registry["rank"]} == {1, 2}
    assert (mirror["host"], mirror["mirror"], mirror["digest"], mirror["error"]) == (good.host, True, digest, None)
    assert mirror["bytesPerSecond"] > 0
    assert mirror["manifestSeconds"] > 0
    assert mirror["connectSeconds"] > 0
    assert mirror["tlsSeconds"] is None
    assert (bad["rank"], bad["bytesPerSecond"]) == (None, None)
    assert "503" in bad["error"]
    assert not [seen for seen in origin.state.seen if seen.method not in ("GET", "HEAD")]


def test_tls_is_timed_too(mirrors, servers, tmp_path):
    ours = authority(tmp_path)
    speak_tls(servers[0], ours.issue("server"))
    hold(servers[0], "app")
    ran = mirrors("test", "--json", f"{servers[0].host}/app:1", check=True)
    assert json.loads(ran.out)["endpoints"][0]["tlsSeconds"] > 0


def test_who_fails_is_put_back_until_it_works(mirrors, servers, store):
    origin, poor, _ = servers
    hold(origin, "app")
    said = {"LISSOM_MIRRORS": f"{origin.host}=http://{poor.host}"}
    image = f"{origin.host}/app:1"

    def put_back():
        return [
            item["putBack"] for item in json.loads(mirrors("--json", image, env=said, check=True).out)[0]["endpoints"]
        ]

    assert put_back() == [False, False]
    assert "404 Not Found" in mirrors("test", image, env=said, check=True).out
    assert put_back() == [True, False]
    assert "put back" in mirrors(image, env=said, check=True).out
    hold(poor, "app")
    mirrors("test", image, env=said, check=True)
    assert put_back() == [False, False]


def test_a_mirror_that_is_behind(mirrors, servers):
    origin, mirror, _ = servers
    hold(origin, "app")
    hold(mirror, "app", b"of yesterday")
    ran = mirrors("test", "--mirror", f"{origin.host}=http://{mirror.host}", f"{origin.host}/app:1", check=True)
    assert ran.out.splitlines()[2].endswith("holds another image than the registry")


def test_a_mirror_for_digests_is_asked_by_what_the_registry_says(mirrors, servers, tmp_path):
    origin, mirror, _ = servers
    for server in (origin, mirror):
        hold(server, "app")
    place = tmp_path / "config/containerd/certs.d" / origin.host
    place.mkdir(parents=True)
    (place / "hosts.toml").write_text(f'[host."http://{mirror.host}"]\ncapabilities = ["pull"]\n')
    ran = mirrors("test", "--json", f"{origin.host}/app:1", check=True)
    assert all(item["rank"] for item in json.loads(ran.out)["endpoints"])
    assert not mirror.asked("GET", "/manifests/1")
    ran = mirrors("test", "--mirrors-only", f"{origin.host}/app:1")
    assert ran.code == 1
    assert "cannot be asked by tag, and nobody told the digest" in ran.out


def test_nobody_answers(mirrors):
    ran = mirrors("test", "--mirror", "127.0.0.1:2=http://127.0.0.1:1", "127.0.0.1:2/app:1")
    assert ran.code == 1
    assert ran.out.count("connection refused") == 2
    assert ran.err == ""


def test_a_place_that_never_answers(mirrors, tmp_path):
    (tmp_path / "settings.toml").write_text("connect-deadline = 0.2\n")
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        host = f"127.0.0.1:{full.getsockname()[1]}"
        settings = {"LISSOM_CONFIG": str(tmp_path / "settings.toml")}
        ran = mirrors("test", "--mirror", f"{host}=https://{host}", "--mirrors-only", f"{host}/app:1", env=settings)
    assert ran.code == 1
    assert "no connection within 0.2 s" in ran.out


def test_an_image_without_layers(mirrors, servers):
    origin = servers[0]
    raw = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                      "config": {"mediaType": "x/y", "digest": origin.hold("app", b"{}"), "size": 2}})  # fmt: skip
    origin.state.manifests["app", "1"] = (MANIFEST, raw.encode())
    ran = mirrors("test", f"{origin.host}/app:1")
    assert "the image has no layer" in ran.out
    assert ran.code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mirror", "https://a.example=b.example", "x"), "cannot use --mirror: `https://a.example` begins with"),
        (("A.example/UPPER",), "repository name must be lowercase"),
        (("test", "a", "b"), "unexpected extra argument"),
        (("--no-such-flag",), "No such option"),
    ],
    ids=["mirror", "name", "two", "flag"],
)
def test_usage(mirrors, arguments, message):
    ran = mirrors(*arguments)
    assert ran.code == 2
    assert message in ran.err


def test_a_word_of_yes_or_no(mirrors):
    ran = mirrors("x", env={"LISSOM_MIRRORS_ONLY": "maybe"})
    assert (ran.code, ran.err) == (2, "error: cannot use LISSOM_MIRRORS_ONLY: `maybe` is neither 1 nor 0\n")


def test_files_that_are_not_there_cost_nothing(tmp_path):
    """Nor do those in which nothing but comments stands."""
    (tmp_path / "registries.conf").write_text("# as distributions ship it\n")
    code = """if True:
        import pathlib, sys
        from lissom.oci.reference import Reference
        from lissom.registry.routing.routing import Places, Routing
        own = pathlib.Path(sys.argv[1])
        found = Routing(places=Places((own / "registries.conf",), False, None, (own,), (own,), (own / "no",), (own,)))
        found.route(Reference.parse("a.example/x"))
        found.trust("a.example")
        sys.exit("tomllib" in sys.modules)"""
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
