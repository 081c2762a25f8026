"""Passwords of archives, as apt has them."""

import pytest

from lissom.distroless.archive.logins import Login, read_logins
from lissom.distroless.archive.settings import AptSettings
from lissom.errors import UsageError


def test_files_of_logins(tmp_path):
    (tmp_path / "auth.conf").write_text("machine a.example login me password one\n")
    (tmp_path / "auth.conf.d").mkdir()
    (tmp_path / "auth.conf.d/b.conf").write_text(
        "machine http://b.example:80/deb\n  login you\n  password two\nmachine c.example password three\n"
    )
    (tmp_path / "auth.conf.d/b.bak").write_text("nonsense")
    assert read_logins(tmp_path) == (
        Login("a.example", "me", "one"), Login("http://b.example:80/deb", "you", "two"), Login("c.example", "", "three"),
    )  # fmt: skip
    (tmp_path / "auth.conf.d/z.conf").write_text("machin a.example\n")
    with pytest.raises(UsageError, match=r"cannot read `.*z\.conf`: `machin` is none of machine, login, password"):
        read_logins(tmp_path)


@pytest.mark.parametrize(
    ("machine", "uri", "fits"),
    [
        ("a.example", "https://a.example/debian/x", True),
        ("a.example", "https://a.example:8443/debian/x", True),
        ("a.example", "http://a.example/debian/x", False),
        ("a.example", "https://a.example.evil/x", False),
        ("a.example", "https://evil/a.example", False),
        ("http://a.example", "http://a.example/x", True),
        ("a.example/deb", "https://a.example/deb/x", True),
        ("a.example/deb", "https://a.example/debian/x", False),
        ("a.example/deb/", "https://a.example/deb/x", True),
        ("a.example:8443", "https://a.example/x", False),
    ],
)
def test_whom_a_password_is_for(machine, uri, fits):
    settings = AptSettings(logins=(Login(machine, "me", "one"),))
    assert settings.password_for(uri) == ("me:one" if fits else None)


def test_the_password_of_a_uri_comes_first():
    settings = AptSettings(logins=(Login("a.example", "me", "one"),))
    assert settings.password_for("https://you:t%77o@a.example/x") == "you:two"
