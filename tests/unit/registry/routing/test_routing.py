"""What all configuration says together."""

import pytest

from lissom.errors import RegistryError, UsageError
from lissom.oci.reference import Reference
from lissom.registry.routing.prefix import sample
from lissom.registry.routing.routing import Places, Routing
from lissom.registry.routing.short import parse_mirrors
from lissom.registry.trust import Trust


@pytest.fixture
def world(tmp_path):
    """All formats, each with a mirror of the Hub, and a function that removes some."""
    (tmp_path / "registries.conf").write_text(
        '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "podman.example"\n'
        '[[registry]]\nlocation = "bad.example"\nblocked = true\n'
    )
    (tmp_path / "certs.d/docker.io").mkdir(parents=True)
    (tmp_path / "certs.d/docker.io/hosts.toml").write_text('[host."https://containerd.example"]\n')
    (tmp_path / "certs.d/docker.io/ca.crt").touch()
    (tmp_path / "daemon.json").write_text(
        '{"registry-mirrors": ["https://docker.example"], "insecure-registries": ["loose.example"]}'
    )
    return tmp_path


def routing(world, *short, mirrors_only=False):
    places = Places(
        registries=(world / "registries.conf",),
        registries_dirs=(world / "registries.conf.d",),
        hosts=(world / "certs.d",),
        daemons=(world / "daemon.json",),
        certificates=(world / "certs.d",),
    )
    return Routing(tuple(parse_mirrors([pair], where) for pair, where in short), places, mirrors_only)


def first(found):
    return found.route(Reference.parse("debian")).endpoints[0].host


def test_the_first_that_speaks_of_a_registry_decides(world):
    short = [("flag.example", "--mirror"), ("env.example", "LISSOM_MIRRORS"), ("own.example", "settings")]
    for number, pair in enumerate(short):
        assert first(routing(world, *short[number:])) == pair[0]
    for file, host in (
        ("none", "podman.example"),
        ("registries.conf", "containerd.example"),
        ("certs.d/docker.io/hosts.toml", "docker.example"),
        ("daemon.json", "registry-1.docker.io"),
    ):
        (world / file).unlink(missing_ok=True)
        assert first(routing(world)) == host


def test_a_flag_for_another_registry_says_nothing_of_this_one(world):
    assert first(routing(world, ("a.example=flag.example", "--mirror"))) == "podman.example"


def test_nobody_speaks(tmp_path):
    route = Routing().route(Reference.parse("a.example/x"))
    assert (route.said_by, len(route.endpoints)) == ("", 1)


def test_blocked_beats_all(world):
    with pytest.raises(RegistryError, match=r"registries.conf` blocks"):
        routing(world, ("bad.example=flag.example", "--mirror")).route(Reference.parse("bad.example/x"))


def test_mirrors_only(world):
    found = routing(world, mirrors_only=True)
    route = found.route(Reference.parse("debian"))
    assert [e.host for e in route.endpoints] == ["podman.example"]
    assert route.origin.host == "registry-1.docker.io"
    assert [e.host for e in found.route(Reference.parse("a.example/x")).endpoints] == ["a.example"]


def test_trust(world):
    found = routing(world)
    assert found.trust("registry-1.docker.io") == Trust((world / "certs.d/docker.io/ca.crt",))
    assert found.trust("loose.example") == Trust(verify=False, plain=True)
    assert found.trust("other.example") == Trust()


def test_a_port_as_containerd_writes_it(world):
    (world / "certs.d/a.example_5000_").mkdir()
    (world / "certs.d/a.example_5000_/x.crt").touch()
    assert routing(world).trust("a.example:5000").authorities == (world / "certs.d/a.example_5000_/x.crt",)


def test_samples(world):
    (world / "certs.d/b.example_5000_").mkdir()
    (world / "certs.d/b.example_5000_/hosts.toml").write_text("")
    found = routing(world, ("a.example/team=m.example", "--mirror"))
    assert [reference.familiar_name for reference in found.samples()] == [
        "a.example/team/image", "image", "b.example:5000/image",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("docker.io", "docker.io/library/image:latest"),
        ("*.a.example", "any.a.example/image:latest"),
        ("a.example/x/y:1", "a.example/x/y:1"),
        ("a.example/UPPER", "None"),
        ("word", "None"),
        ("two words", "None"),
    ],
)
def test_a_sample_of_a_prefix(prefix, name):
    assert str(sample(prefix)) == name


def test_drop_ins(world):
    drop = world / "registries.conf.d"
    drop.mkdir()
    (drop / "b.conf").write_text('[[registry]]\nlocation = "docker.io"\nblocked = true\n')
    (drop / "a.conf").write_text('[[registry]]\nlocation = "docker.io"\n')
    (drop / "c.txt").write_text("no TOML")
    with pytest.raises(RegistryError, match=r"b.conf` blocks"):
        routing(world).route(Reference.parse("debian"))


def test_a_users_file_has_drop_ins_of_its_own(tmp_path):
    for name in ("own/registries.conf.d", "etc/registries.conf.d"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.conf").touch()
    own, etc = tmp_path / "own", tmp_path / "etc"
    places = Places(
        registries=(own / "registries.conf", etc / "registries.conf"),
        user_dir=own / "registries.conf.d",
        registries_dirs=(etc / "registries.conf.d", own / "registries.conf.d"),
    )
    (etc / "registries.conf").touch()
    both = (etc / "registries.conf", etc / "registries.conf.d/x.conf", own / "registries.conf.d/x.conf")
    assert Routing(places=places).registries_files == both
    (own / "registries.conf").touch()
    assert Routing(places=places).registries_files == (own / "registries.conf", own / "registries.conf.d/x.conf")


def test_a_named_file_must_be_there(tmp_path):
    places = Places(registries=(tmp_path / "none.conf",), named=True)
    with pytest.raises(UsageError, match="there is no such file"):
        Routing(places=places).route(Reference.parse("debian"))


def test_each_host_is_looked_up_once(world):
    found = routing(world)
    first = found.trust("other.example")
    (world / "certs.d/other.example").mkdir()
    (world / "certs.d/other.example/late.crt").touch()
    assert found.trust("other.example") is first
