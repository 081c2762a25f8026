import pytest

from lissom.distroless.spec.spec import Account, Spec, Wish
from lissom.distroless.tree.wanted_accounts import wanted_accounts
from unit.distroless.fake_debs import assembled, deb

SERVER = """\
#!/bin/sh
user=server
if ! getent passwd $user; then
    adduser --system $quiet --home /var/lib/server --no-create-home \\
        --shell /bin/bash --group --gecos "The server's user" $user
fi
addgroup --system $quiet data || true
adduser $quiet $user data
"""


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (SERVER, ("server", "data")),
        ("adduser --ingroup daemon --quiet --system a >/dev/null 2>&1\n", ("a",)),
        ("useradd -r -d /srv -s /bin/false -g web www || :\n", ("www",)),
        ("groupadd -g 42 shadow || (\n  groupadd other\n)\n", ("shadow", "other")),
        ("adduser --system $(cat /etc/name)\n", ()),
        ("# adduser nobody\necho adduser nobody\n", ()),
        ("", ()),
    ],
)
def test_names_are_told_from_options(script, names):
    assert wanted_accounts(script) == names


def test_who_builds_is_told_of_accounts_that_nobody_makes(tmp_path):
    package = deb(tmp_path, "server", {"usr/share/doc/server/copyright": b""}, {"postinst": SERVER})

    def told(**spec):
        events = []
        assembled(tmp_path, package, spec=Spec(**spec), listener=events.append)
        return [event.message for event in events]

    assert told() == ["cannot add accounts of `server`: only its script, which is not run, makes `server` and `data`"]
    assert told(users=(Account("server", 100, 101),), groups=(Account("data", 101),)) == []
    assert told(packages=(Wish("server", slices=("/usr/share/doc/**",)),)) == []
