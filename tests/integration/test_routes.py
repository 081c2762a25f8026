"""Where images are fetched from, by the files of other tools: the same as those tools do, and through the command."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from authorities import authority, speak_tls
from oracle.engine import daemon, missing
from oracle.registry import start
from three_registries import Net, three

EXAMPLE = Path(__file__).parents[2] / "examples/mirrors/run.sh"


@pytest.fixture
def net() -> Iterator[Net]:
    with three() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/.config/containers").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "CONTAINERS_REGISTRIES_CONF": ""}


ORIGIN = '[[registry]]\nlocation = "@origin"\ninsecure = true\n'
ONE = '[[registry.mirror]]\nlocation = "@one/cache"\ninsecure = true\n'
TWO = '[[registry.mirror]]\nlocation = "@two"\ninsecure = true\n'

CASES = {
    "order": ORIGIN + ONE + TWO,
    "other-order": ORIGIN + TWO + ONE,
    "longest-prefix": ORIGIN + ONE + ORIGIN.replace("@origin", "@origin/team") + TWO,
    "whole-name": ORIGIN + ONE + ORIGIN.replace("@origin", "@origin/team/app") + TWO.replace("@two", "@two/else"),
    "prefix-of-a-word": ORIGIN + ONE + ORIGIN.replace("@origin", "@origin/tea") + TWO,
    "location": '[[registry]]\nprefix = "@origin/team"\nlocation = "@one/moved"\ninsecure = true\n' + TWO,
    "wildcard": '[[registry]]\nprefix = "*.origin.example"\nlocation = "@one"\n' + ORIGIN + TWO,
    "tag-only": ORIGIN + ONE + 'pull-from-mirror = "tag-only"\n' + TWO,
    "all": ORIGIN + ONE + 'pull-from-mirror = "all"\n',
    "last-of-two-tables": ORIGIN + ONE + ORIGIN + TWO,
}


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
@pytest.mark.parametrize("end", [":1", "@sha256:" + "a" * 64], ids=["tag", "digest"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_places_as_skopeo(net, home, environment, run_cli, *, case, end):
    """Nobody holds the image, so each goes through all places that it knows."""
    (home / ".config/containers/registries.conf").write_text(net.fill(CASES[case]))
    image = net.fill(f"docker://@origin/team/app{end}")
    done = subprocess.run(
        ["skopeo", "inspect", image], env={**os.environ, **environment}, capture_output=True, check=False, timeout=60
    )
    assert done.returncode
    expected = net.asked()
    assert expected
    assert run_cli("inspect", image, env=environment).code == 4
    assert net.asked() == expected


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_what_skopeo_blocks_is_blocked(net, home, environment, run_cli):
    net.hold("origin", "team/app")
    (home / ".config/containers/registries.conf").write_text(net.fill(ORIGIN + "blocked = true\n"))
    image = net.fill("docker://@origin/team/app:1")
    done = subprocess.run(
        ["skopeo", "inspect", image], env={**os.environ, **environment}, capture_output=True, check=False
    )
    ran = run_cli("inspect", image, env=environment)
    assert (done.returncode, ran.code, net.common) == (1, 4, [])
    assert b"blocked" in done.stderr
    assert f"{home}/.config/containers/registries.conf` blocks" in ran.err


def test_a_digest_only_mirror_serves_what_a_tag_of_the_registry_names(net, home, environment, run_cli):
    whole = net.hold("origin", "team/app")
    net.hold("one", "cache/team/app")
    conf = net.fill(ORIGIN + ONE + 'pull-from-mirror = "digest-only"\n')
    (home / ".config/containers/registries.conf").write_text(conf)
    assert run_cli("pull", net.fill("@origin/team/app:1"), env=environment).out == f"{whole}\n"
    assert net.servers["one"].asked("GET", "/blobs/")
    assert not net.servers["one"].asked("GET", "/manifests/1")
    assert not net.servers["origin"].asked("GET", "/blobs/")


def hosts_file(home: Path, name: str, text: str) -> None:
    place = home / ".config/docker/certs.d" / name
    place.mkdir(parents=True)
    (place / "hosts.toml").write_text(text)


def test_hosts_toml(net, home, environment, run_cli):
    whole = net.hold("two", "team/app")
    text = '[host."http://@one/x"]\n[host."http://@one/x".header]\nx-secret = "s"\n[host."http://@two"]\n'
    hosts_file(home, net.servers["origin"].host, net.fill(text))
    assert run_cli("pull", net.fill("@origin/team/app:1"), env=environment).out == f"{whole}\n"
    assert net.asked()[:2] == ["one /x/v2/team/app/manifests/1", "two /v2/team/app/manifests/1"]
    one, two = (net.servers[name].asked("GET", "/manifests/") for name in ("one", "two"))
    assert one[0].path.endswith(net.fill("?ns=@origin").replace(":", "%3A"))
    assert one[0].headers["x-secret"] == "s"
    assert "x-secret" not in two[0].headers
    assert not net.servers["origin"].state.seen


def test_mirrors_only(net, environment, run_cli):
    net.hold("origin", "team/app")
    mirrors = net.fill("@origin=http://@one @origin=http://@two/hub")
    said = environment | {"LISSOM_MIRRORS": mirrors, "LISSOM_MIRRORS_ONLY": "1"}
    ran = run_cli("pull", net.fill("@origin/team/app:1"), env=said)
    assert ran.code == 4
    assert net.asked() == ["one /v2/team/app/manifests/1", "two /v2/hub/team/app/manifests/1"]
    assert not net.servers["origin"].state.seen


def test_flags_beat_the_environment_that_beats_settings_that_beat_files(net, home, environment, run_cli, tmp_path):
    image = net.fill("@origin/team/app:1")
    (home / ".config/containers/registries.conf").write_text(net.fill(ORIGIN + ONE))
    settings = tmp_path / "settings.toml"
    settings.write_text(net.fill('[mirrors]\n"@origin" = "settings.example"\n'))

    def first(*flags: str, env: str = "", **more: str) -> tuple[str, str]:
        said = environment | {"LISSOM_MIRRORS": net.fill(env)} | more
        ran = run_cli(*flags[:2], "mirrors", "--json", image, *flags[2:], env=said, check=True)
        found = json.loads(ran.out)[0]
        return found["endpoints"][0]["host"], found["saidBy"]

    config, env = ("--config", str(settings)), "@origin=env.example"
    assert first(*config, "--mirror", net.fill("@origin=flag.example"), env=env) == ("flag.example", "--mirror")
    assert first(*config, env=env) == ("env.example", "LISSOM_MIRRORS")
    assert first(*config) == ("settings.example", "`mirrors` of the settings file")
    assert first() == (net.servers["one"].host, f"{home}/.config/containers/registries.conf")
    named = tmp_path / "named.conf"
    named.write_text(net.fill(ORIGIN + TWO))
    assert first(CONTAINERS_REGISTRIES_CONF=str(named)) == (net.servers["two"].host, str(named))


def test_pushes_go_to_the_registry_itself(net, environment, run_cli):
    net.hold("one", "team/app")
    flags = ["--mirror", net.fill("@origin=http://@one")]
    image = net.fill("@origin/team/app:1")
    run_cli("pull", *flags, image, env=environment, check=True)
    net.servers["one"].state.seen.clear()
    run_cli("push", *flags, image, env=environment, check=True)
    assert ("team/app", "1") in net.servers["origin"].state.manifests
    assert not [seen for seen in net.servers["one"].state.seen if seen.method in ("PUT", "POST", "PATCH")]


def test_from_goes_through_mirrors_too(net, environment, run_cli, tmp_path):
    net.hold("one", "cache/team/base")
    (tmp_path / "Dockerfile").write_text("FROM gone.example/team/base:1\nLABEL a=b\n")
    said = environment | {"LISSOM_MIRRORS": net.fill("gone.example=http://@one/cache")}
    run_cli("build", "--no-cache", "-t", "app:1", tmp_path, env=said, check=True)
    assert net.asked()[0] == "one /v2/cache/team/base/manifests/1"


@pytest.mark.registry
@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="docker-registry is not installed")
def test_the_example(tmp_path):
    """examples/mirrors: the dead mirror is passed over, and the pull-through cache outlives the registry."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        ports = {"REGISTRY_PORT": str(one.getsockname()[1]), "MIRROR_PORT": str(two.getsockname()[1])}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", EXAMPLE],
        env={**os.environ, **ports, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    served = [
        line for line in done.stderr.splitlines() if line.startswith(f"127.0.0.1:{ports['MIRROR_PORT']} (mirror)")
    ]
    assert len(served) == 2
    assert "connection refused" in done.stdout
    assert len({line for line in done.stdout.splitlines()[1:] if line.startswith("sha256:")}) == 1


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("containers/registries.conf", "[[registry]\n", "registries.conf`: "),
        ("docker/daemon.json", "{", "daemon.json`: "),
        ("docker/certs.d/reg.example/hosts.toml", "server = 1", "hosts.toml`: `server` is not a text"),
        ("containers/certs.d/reg.example/me.key", "", "me.key`: its certificate `me.cert` is not beside it"),
    ],
    ids=["registries-conf", "daemon-json", "hosts-toml", "certs-d"],
)
def test_bad_files_end_the_command_in_two(home, environment, run_cli, *, file, text, message):
    (home / ".config" / file).parent.mkdir(parents=True, exist_ok=True)
    (home / ".config" / file).write_text(text)
    ran = run_cli("pull", "reg.example/app:1", env=environment)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert message in ran.err


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.skipif(missing() is not None, reason="no docker daemon can be started")
def test_daemon_json_means_what_it_means_to_dockerd(net, home, environment, run_cli, tmp_path_factory):
    """Both ask the mirrors of the Hub in order, by the same paths; the Hub itself cannot be reached here."""
    net.hold("two", "library/app")
    said = {"registry-mirrors": [net.fill("http://@one"), net.fill("http://@two/")]}
    (home / ".config/docker").mkdir()
    settings = home / ".config/docker/daemon.json"
    settings.write_text(json.dumps(said))
    with daemon(tmp_path_factory.mktemp("docker"), settings=settings) as docker:
        docker.run(["pull", "app:1"])
    # dockerd asks for the digest, then by it.
    expected = net.asked()[:2]
    run_cli("pull", "app:1", env=environment, check=True)
    assert net.asked()[:2] == expected == ["one /v2/library/app/manifests/1", "two /v2/library/app/manifests/1"]


@pytest.mark.registry
@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="docker-registry is not installed")
def test_a_pull_through_cache(net, environment, run_cli, tmp_path):
    """docker-registry as a mirror fetches what it lacks, and serves it when the registry is gone."""
    origin = net.servers["origin"]
    whole = net.hold("origin", "team/app")
    (tmp_path / "cache").mkdir()
    child, mirror = start(tmp_path / "cache", f"proxy: {{remoteurl: {origin.url}}}\n")
    try:
        pull = ("pull", "--mirror", f"{origin.host}=http://{mirror}", f"{origin.host}/team/app:1")
        run_cli(*pull, env=environment | {"LISSOM_ROOT": str(tmp_path / "first")}, check=True)
        net.asked()
        origin.stop()
        later = environment | {"LISSOM_ROOT": str(tmp_path / "second")}
        ran = run_cli("--verbose", *pull, env=later, check=True)
        assert ran.out.splitlines()[0] == whole
        assert mirror in ran.err + ran.out
    finally:
        child.terminate()
        child.wait()


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_certificates_as_for_skopeo(net, home, environment, run_cli, tmp_path):
    """A private authority and a client certificate in certs.d; then another authority's in their place."""
    ours, theirs = (authority(tmp_path, name) for name in ("ours", "theirs"))
    net.hold("origin", "team/app")
    speak_tls(net.servers["origin"], ours.issue("server"), clients=ours.certificate)
    place = home / ".config/containers/certs.d" / net.servers["origin"].host
    place.mkdir(parents=True)
    for file in ours.issue("me"):
        shutil.copy(file, place)
    image = net.fill("docker://@origin/team/app:1")
    skopeo = [["skopeo", "inspect", "--raw", image], ["skopeo", "inspect", "--raw", "--tls-verify=false", image]]

    def said(command: list[str]) -> tuple[int, str]:
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    shutil.copy(ours.certificate, place / "ca.crt")
    ran = run_cli("inspect", "--raw", image, env=environment, check=True)
    assert said(skopeo[0]) == (0, ran.out)
    shutil.copy(theirs.certificate, place / "ca.crt")
    ran = run_cli("inspect", "--raw", image, env=environment)
    assert (said(skopeo[0])[0], ran.code) == (1, 4)
    assert "the certificate cannot be verified" in ran.err
    ran = run_cli(
        "inspect", "--raw", "--insecure-registry", net.servers["origin"].host, image, env=environment, check=True
    )
    assert said(skopeo[1]) == (0, ran.out)


@pytest.mark.foreign
@pytest.mark.root
@pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed")
@pytest.mark.parametrize("files", ["named", "own", "neither"])
def test_the_same_files_as_podman(home, environment, run_cli, tmp_path, *, files):
    """Which registries.conf, and which drop-ins, by what podman then knows of."""
    own = home / ".config/containers"
    (own / "registries.conf.d").mkdir()
    for file in (own / "registries.conf.d/drop.conf", own / "registries.conf", tmp_path / "named.conf"):
        file.write_text(f'[[registry]]\nlocation = "{file.stem}.example"\n')
    if files != "own":
        (own / "registries.conf").unlink()
    said = environment | {"CONTAINERS_REGISTRIES_CONF": str(tmp_path / "named.conf")}
    if files != "named":
        del said["CONTAINERS_REGISTRIES_CONF"]
    # podman wants a run directory of no more than 50 characters.
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        command = ["podman", "--root", f"{short}/root", "--runroot", f"{short}/run", "--storage-driver", "vfs"]
        done = subprocess.run(
            [*command, "info", "--format", "json"],
            env={**os.environ, **said},
            capture_output=True,
            check=True,
            timeout=60,
        )
    expected = {item["Prefix"] for item in json.loads(done.stdout)["registries"].values() if isinstance(item, dict)}
    shown = json.loads(run_cli("mirrors", "--json", env=said, check=True).out)
    assert {item["image"].partition("/")[0] for item in shown} == expected
    assert {"drop.example", *({f"{files}.example"} if files == "named" else set())} <= expected
