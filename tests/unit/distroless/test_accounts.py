import pytest

from lissom.distroless.spec.spec import Account, Spec
from lissom.errors import UsageError
from unit.distroless.fake_debs import assembled, deb, text


def test_the_usual_accounts_are_there(tmp_path):
    made = assembled(tmp_path)
    assert text(made, "etc/passwd").splitlines() == [
        "root:x:0:0:root:/root:/sbin/nologin",
        "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin",
        "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin",
    ]
    assert text(made, "etc/group").split() == [
        "root:x:0:",
        "nobody:x:65534:",
        "tty:x:5:",
        "staff:x:50:",
        "nonroot:x:65532:",
    ]
    home = made.entries["home/nonroot"]
    assert (home.mode, home.uid, home.gid) == (0o755, 65532, 65532)
    assert made.entries["root"].mode == 0o700
    assert "nonexistent" not in made.entries
    assert "etc/shadow" not in made.entries


def test_a_user_gets_a_group_and_a_home(tmp_path):
    app = Account("app", 1000, 1000, "/srv/app", "/bin/false")
    made = assembled(tmp_path, spec=Spec(users=(app,)))
    assert "app:x:1000:1000:app:/srv/app:/bin/false" in text(made, "etc/passwd")
    assert "app:x:1000:" in text(made, "etc/group")
    assert (made.entries["srv/app"].uid, made.entries["srv/app"].gid) == (1000, 1000)


def test_a_user_of_a_named_group_gets_no_other(tmp_path):
    made = assembled(tmp_path, spec=Spec(users=(Account("app", 1000, 50),)))
    assert "app" not in text(made, "etc/group")


def test_the_specs_own_root_replaces_the_usual_one(tmp_path):
    made = assembled(tmp_path, spec=Spec(users=(Account("root", 0, 0, "/root", "/bin/sh"),)))
    assert [line for line in text(made, "etc/passwd").splitlines() if ":0:0:" in line] == [
        "root:x:0:0:root:/root:/bin/sh"
    ]


def test_a_user_can_be_in_more_groups(tmp_path):
    users = (Account("app", 1000, 1000, groups=("staff", "data")), Account("web", 1001, 1001, groups=("staff",)))
    made = assembled(tmp_path, spec=Spec(users=users, groups=(Account("data", 2000),)))
    assert {"staff:x:50:app,web", "data:x:2000:app", "app:x:1000:"} <= set(text(made, "etc/group").splitlines())
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, spec=Spec(users=(Account("app", 1000, groups=("stuff",)),)))
    assert caught.value.message == "cannot add user `app` to group `stuff`: there is no group of this name"
    assert caught.value.hint == "did you mean `staff`?"


def test_a_home_that_a_package_brings_stays_the_packages(tmp_path):
    daemon = Account("daemon", 1, 1, "/usr/sbin")
    made = assembled(tmp_path, deb(tmp_path, "a", {"usr/sbin": 0o755}), spec=Spec(users=(daemon,)))
    assert made.entries["usr/sbin"].uid == 0


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            Spec(users=(Account("app", 1), Account("app", 2))),
            "cannot add user `app`: it is there already",
        ),
        (Spec(users=(Account("app", 65532),)), "cannot add user `app`: uid 65532 is `nonroot`'s"),
        (Spec(groups=(Account("app", 5),)), "cannot add group `app`: gid 5 is `tty`'s"),
        (
            Spec(users=(Account("app", 1, 1, "/home/../etc"),)),
            "cannot add user `app`: home `/home/../etc` is not a clean absolute path",
        ),
        (Spec(user="nonrot"), "cannot run as user `nonrot`: the image has none of this name"),
        (Spec(user="nonroot:app"), "cannot run as group `app`: the image has none of this name"),
    ],
)
def test_what_would_not_be_one_account_is_refused(tmp_path, spec, message):
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, spec=spec)
    assert caught.value.message == message
