"""Who `USER` and `--user` mean."""

import pytest

from lissom.errors import SandboxError
from lissom.sandbox.user import Account, find_account

PASSWD = """root:x:0:0:root:/root:/bin/bash
app:x:1000:1001:App,,,:/home/app:/bin/sh

games:x:5:60::/usr/games
broken
100:x:7:7::/digits:/bin/sh
"""
GROUP = "root:x:0:\nwheel:x:10:root,app\nvideo:x:44:other,app\napp:x:1001:\ndisk:x:6:\n"


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("", Account(0, 0, (10,), "/root")),
        ("root", Account(0, 0, (10,), "/root")),
        ("app", Account(1000, 1001, (10, 44), "/home/app")),
        ("1000", Account(1000, 1001, (10, 44), "/home/app")),
        ("app:disk", Account(1000, 6, (), "/home/app")),
        ("app:77", Account(1000, 77, (), "/home/app")),
        ("4242", Account(4242, 0)),
        ("4242:4343", Account(4242, 4343)),
        ("4242:video", Account(4242, 44)),
        ("100", Account(100, 0)),
        ("games", Account(5, 60, (), "/usr/games")),
    ],
)
def test_accounts(name, account):
    assert find_account(name, PASSWD, GROUP) == account


def test_numbers_need_no_files():
    assert find_account("", "", "") == Account(0, 0)
    assert find_account("7:8", "", "") == Account(7, 8)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody", "cannot run as `nobody`: the image's /etc/passwd has no user `nobody`"),
        ("app:nobody", "cannot run as `app:nobody`: the image's /etc/group has no group `nobody`"),
        ("-1", "cannot run as `-1`: -1 is not between 0 and 2147483647"),
        ("2147483648", "cannot run as `2147483648`: 2147483648 is not between 0 and 2147483647"),
    ],
)
def test_errors(name, message):
    with pytest.raises(SandboxError) as caught:
        find_account(name, PASSWD, GROUP)
    assert caught.value.message == message
