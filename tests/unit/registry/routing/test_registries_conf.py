"""registries.conf: what is made of it, and what is said of a bad one."""

import pytest

from lissom.errors import RegistryError, UsageError
from lissom.oci.reference import Reference
from lissom.registry.routing.registries_conf import read_registries_conf
from lissom.registry.trust import Trust

DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def conf(tmp_path):
    def make(*texts):
        files = []
        for number, text in enumerate(texts):
            files.append(tmp_path / f"{number}.conf")
            files[-1].write_text(text)
        return read_registries_conf(files)

    return make


def places(route):
    return [f"{e.host}/{e.repository}" for e in route.endpoints]


def routed(conf, text):
    return conf.route(Reference.parse(text))


MIRRORED = """
unqualified-search-registries = ["elsewhere.example"]
[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "one.example:5000"
insecure = true
[[registry.mirror]]
location = "two.example/hub/"
[aliases]
"alpine" = "elsewhere.example/alpine"
"""


def test_mirrors_come_in_order_then_the_registry(conf):
    route = routed(conf(MIRRORED), "alpine:3")
    assert places(route) == [
        "one.example:5000/library/alpine", "two.example/hub/library/alpine", "registry-1.docker.io/library/alpine",
    ]  # fmt: skip
    assert [e.mirror for e in route.endpoints] == [True, True, False]
    assert route.endpoints[0].trust == Trust(verify=False, plain=True)
    assert route.endpoints[1].trust is None
    assert route.origin is route.endpoints[2]
    assert route.said_by.endswith("0.conf")


def test_logins_are_each_hosts_own(conf):
    assert [e.registry for e in routed(conf(MIRRORED), "alpine").endpoints] == [
        "one.example:5000", "two.example", "docker.io",
    ]  # fmt: skip


def test_what_no_table_speaks_of_stays(conf):
    assert routed(conf(MIRRORED), "ghcr.io/team/app") is None


TABLES = """
[[registry]]
location = "example.com"
[[registry.mirror]]
location = "a.example"
[[registry]]
location = "example.com/team"
[[registry.mirror]]
location = "b.example"
[[registry]]
location = "example.com/team/app"
[[registry.mirror]]
location = "c.example/x"
[[registry]]
prefix = "*.wild.example"
[[registry.mirror]]
location = "w.example/all"
[[registry]]
prefix = "example.com/one/app:1"
location = "d.example/app:1"
"""


@pytest.mark.parametrize(
    ("name", "first"),
    [
        pytest.param("example.com/x:1", "a.example/x", id="host"),
        pytest.param("example.com/team/web:1", "b.example/web", id="path"),
        pytest.param("example.com/team/app:1", "c.example/x", id="whole-name"),
        pytest.param(f"example.com/team/app@{DIGEST}", "c.example/x", id="digest"),
        pytest.param("example.com/team/app/sub:1", "c.example/x/sub", id="below"),
        pytest.param("example.com/teams/app:1", "a.example/teams/app", id="no-part-of-a-word"),
        pytest.param("a.b.wild.example/x:1", "w.example/all/x", id="wildcard"),
        pytest.param("example.com/one/app:1", "d.example/app", id="tag"),
    ],
)
def test_the_longest_prefix_wins(conf, name, first):
    assert places(routed(conf(TABLES), name))[0] == first


@pytest.mark.parametrize("name", ["example.com:5000/x:1", "wild.example/x:1", "xwild.example/x", "example.org/x"])
def test_other_hosts_are_not_covered(conf, name):
    assert routed(conf(TABLES), name) is None


def test_a_location_is_read_instead_of_the_registry_but_not_written(conf):
    route = routed(conf('[[registry]]\nprefix = "a.example/x"\nlocation = "b.example/y"\n'), "a.example/x/app:1")
    assert places(route) == ["b.example/y/app"]
    assert route.endpoints[0].mirror
    assert route.endpoints[0].registry == "b.example"
    assert (route.origin.host, route.origin.repository) == ("a.example", "x/app")


@pytest.mark.parametrize(
    ("use", "tagged", "digested"),
    [
        pytest.param('pull-from-mirror = "all"', (True, True), (True, True), id="all"),
        pytest.param('pull-from-mirror = "digest-only"', (False, True), (False, True), id="digest-only"),
        pytest.param('pull-from-mirror = "tag-only"', (True, True), None, id="tag-only"),
    ],
)
def test_what_a_mirror_may_be_asked(conf, use, tagged, digested):
    read = conf(f'[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "m.example"\n{use}\n')
    for name, expected in (("a.example/x:1", tagged), (f"a.example/x@{DIGEST}", digested)):
        mirrors = [(e.tags, e.digests) for e in routed(read, name).endpoints if e.mirror]
        assert mirrors == ([expected] if expected else [])


def test_mirrors_by_digest_only(conf):
    read = conf(
        '[[registry]]\nlocation = "a.example"\nmirror-by-digest-only = true\n'
        '[[registry.mirror]]\nlocation = "m.example"\n'
    )
    assert [e.tags for e in routed(read, "a.example/x:1").endpoints] == [False, True]


def test_insecure_holds_for_the_registry_too(conf):
    read = conf('[[registry]]\nlocation = "a.example:5000"\ninsecure = true\n')
    assert routed(read, "a.example:5000/x").origin.trust == Trust(verify=False, plain=True)
    assert read.insecure("a.example:5000")
    assert not read.insecure("a.example")


def test_blocked(conf):
    read = conf('[[registry]]\nlocation = "a.example/bad"\nblocked = true\n')
    with pytest.raises(RegistryError, match=r"cannot use `a.example/bad/x:1`: `.*0.conf` blocks `a.example/bad`"):
        read.check(Reference.parse("a.example/bad/x:1"))
    read.check(Reference.parse("a.example/good/x:1"))


def test_drop_ins_replace_tables_by_prefix(conf):
    read = conf(
        '[[registry]]\nlocation = "a.example"\nblocked = true\n[[registry]]\nlocation = "b.example"\nblocked = true\n',
        '[[registry]]\nlocation = "a.example"\n',
    )
    read.check(Reference.parse("a.example/x"))
    with pytest.raises(RegistryError):
        read.check(Reference.parse("b.example/x"))


@pytest.mark.parametrize(
    "text", ["", "# nothing\n\n  # at all\n", "[aliases]\n", "[registries.search]\nregistries = []\n"]
)
def test_files_that_say_nothing(conf, text):
    assert conf(text).tables == ()


M = '[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[[registry]\n", "line 1", id="toml"),
        pytest.param("[[registry]]\nlocation = 3\n", "`registry[1].location` is not a text", id="type"),
        pytest.param("[[registry]]\ninsecure = true\n", "`registry[1].prefix` is missing", id="nothing"),
        pytest.param('[[registry]]\nlocation = "https://a.example"\n', "begins with a scheme", id="scheme"),
        pytest.param('[[registry]]\nlocation = "a b"\n', "names no host", id="no-host"),
        pytest.param('[[registry]]\nlocation = "a.example"\nblocked = "yes"\n', "neither true nor false", id="flag"),
        pytest.param('[registry]\nlocation = "a.example"\n', "`registry` is not a list of tables", id="no-list"),
        pytest.param('[[registry]]\nlocation = "*.a.example"\n', "no place to go to", id="wild-location"),
        pytest.param(
            '[[registry]]\nprefix = "*.a.example/x"\nlocation = "b.example"\n', "both `*.` and a path", id="wild-path"
        ),
        pytest.param(
            '[[registry]]\nlocation = "a.example"\npull-from-mirror = "all"\n', "is for mirrors only", id="no-mirror"
        ),
        pytest.param(M, "`registry[1].mirror[1].location` is missing", id="mirror-nowhere"),
        pytest.param(M + 'location = "m.example"\npull-from-mirror = "never"\n', "is `never`, none of", id="use"),
        pytest.param(
            M.replace("[[registry.", "mirror-by-digest-only = true\n[[registry.")
            + 'location = "m.example"\npull-from-mirror = "all"\n',
            "beside the registry's `mirror-by-digest-only`",
            id="twice",
        ),
        pytest.param("[registries.search]\nregistries = ['a.example']\n", "it is of version 1", id="version-1"),
        pytest.param("registry = " + "[" * 5000 + "]" * 5000, "nested too deeply", id="deep"),
    ],
)
def test_bad_files_are_refused_by_key(conf, text, message):
    with pytest.raises(UsageError) as caught:
        conf(text)
    assert "0.conf" in caught.value.message
    assert message in caught.value.message


def test_a_location_that_would_be_another_image(conf):
    read = conf('[[registry]]\nprefix = "a.example/x:1"\nlocation = "a.example/x:2"\n')
    with pytest.raises(UsageError, match=r"another tag would be another image \(said by"):
        routed(read, "a.example/x:1")


def test_odd_bytes(tmp_path):
    file = tmp_path / "registries.conf"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="it is not UTF-8"):
        read_registries_conf([file])
    with pytest.raises(UsageError, match="it is no file"):
        read_registries_conf([tmp_path])
    with pytest.raises(UsageError, match="there is no such file"):
        read_registries_conf([tmp_path / "none"], needed=True)
    assert read_registries_conf([tmp_path / "none"]).tables == ()
