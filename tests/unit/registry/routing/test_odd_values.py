"""Whatever stands in a configuration file: values come of it, or an error that a user can understand."""

import contextlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lissom.errors import LissomError
from lissom.oci.reference import Reference
from lissom.registry.endpoint import Route
from lissom.registry.routing.daemon_json import parse_daemon_file
from lissom.registry.routing.files import Section
from lissom.registry.routing.hosts_toml import parse_hosts_file
from lissom.registry.routing.prefix import sample
from lissom.registry.routing.registries_conf import RegistriesConf, parse_registries_conf
from lissom.registry.routing.short import parse_mirrors

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text("aB0.-_:/@*[]%?# é\0", max_size=20),
    st.sampled_from(
        [
            "docker.io",
            "a.example",
            "*.example",
            "https://a.example/x",
            "a.example/x:1",
            "127.0.0.1:5000",
            "10.0.0.0/8",
            "[::1]:5",
            "docker.io/library",
            "pull",
            "digest-only",
            "3s",
            "*.",
            "*.a.example",
        ]
    ),
)
KEYS = st.sampled_from(
    [
        "registry",
        "prefix",
        "location",
        "insecure",
        "blocked",
        "mirror",
        "pull-from-mirror",
        "mirror-by-digest-only",
        "server",
        "host",
        "capabilities",
        "ca",
        "client",
        "skip_verify",
        "header",
        "override_path",
        "dial_timeout",
        "registry-mirrors",
        "insecure-registries",
        "registries",
        "search",
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=4)),
    max_leaves=12,
)
FILES = st.dictionaries(KEYS, VALUES, max_size=5).map(lambda values: Section(Path("/odd.conf"), "", values))
NAMES = st.sampled_from(["debian:12", "a.example/x/y:1", "b.a.example:5000/x@sha256:" + "0" * 64]).map(Reference.parse)


@given(FILES, NAMES)
def test_files(section, reference):
    with contextlib.suppress(LissomError):
        conf = RegistriesConf(parse_registries_conf(section))
        conf.check(reference)
        assert isinstance(conf.route(reference), Route | None)
        for table in conf.tables:
            assert isinstance(sample(table.prefix), Reference | None)
    with contextlib.suppress(LissomError):
        assert parse_hosts_file(section).route(reference).origin
    with contextlib.suppress(LissomError):
        daemon = parse_daemon_file(section)
        daemon.insecure(reference.host, lambda _: ("10.0.0.1", "fe80::1%eth0"))
        assert isinstance(daemon.route(reference), Route | None)


@given(st.lists(st.tuples(TEXTS, TEXTS).map("=".join)), NAMES)
def test_pairs(pairs, reference):
    with contextlib.suppress(LissomError):
        parse_mirrors(pairs, "--mirror").route(reference)
