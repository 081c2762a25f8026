"""certs.d: which files count for a host."""

import pytest

from lissom.errors import UsageError
from lissom.registry.routing.certificates import find_certificates
from lissom.registry.trust import Trust


def test_authorities_and_pairs(tmp_path):
    own = tmp_path / "reg.example:5000"
    own.mkdir()
    for name in ("b.crt", "a.crt", "me.cert", "me.key", "README", "hosts.toml"):
        (own / name).touch()
    assert find_certificates([tmp_path / "none", tmp_path], ["reg.example:5000"]) == Trust(
        (own / "a.crt", own / "b.crt"), ((own / "me.cert", own / "me.key"),)
    )
    assert find_certificates([tmp_path], ["reg.example"]) == Trust()


def test_the_first_directory_that_knows_the_host(tmp_path):
    for place, name in (("a/x.example", "one.crt"), ("b/x.example", "two.crt"), ("0/x.example", "hosts.toml")):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / name).touch()
    found = find_certificates([tmp_path / "0", tmp_path / "a", tmp_path / "b"], ["x.example"])
    assert found.authorities == (tmp_path / "a/x.example/one.crt",)


@pytest.mark.parametrize("host", ["", ".", "..", "a/b", "\0"])
def test_hosts_lead_nowhere_else(tmp_path, host):
    (tmp_path / "evil.crt").touch()
    (tmp_path / "in").mkdir()
    assert find_certificates([tmp_path / "in"], [host]) == Trust()


@pytest.mark.parametrize(
    ("name", "message"),
    [("me.cert", "its key `me.key` is not beside it"), ("me.key", "its certificate `me.cert` is not beside it")],
)
def test_halves_are_named(tmp_path, name, message):
    (tmp_path / "x.example").mkdir()
    (tmp_path / "x.example" / name).touch()
    with pytest.raises(UsageError) as caught:
        find_certificates([tmp_path], ["x.example"])
    assert caught.value.message == f"cannot use `{tmp_path}/x.example/{name}`: {message}"
