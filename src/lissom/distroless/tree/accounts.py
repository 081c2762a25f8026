"""Users and groups of an image: passwd(5), group(5) and homes. Nobody has a password, hence there is no shadow(5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lissom.distroless.spec.spec import Account, Spec
from lissom.distroless.tree.draft import file
from lissom.dockerfile.fault import nearest
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, Kind

__all__ = ["account_files", "account_names", "homes", "homes_of", "unknown_group"]

_USERS = (
    Account("root", 0, 0, "/root"),
    Account("nobody", 65534, 65534),
    Account("nonroot", 65532, 65532, "/home/nonroot"),
)
_GROUPS = (
    Account("root", 0),
    Account("nobody", 65534),
    Account("tty", 5),
    Account("staff", 50),
    Account("nonroot", 65532),
)
_HOMELESS = ("/", "/nonexistent")


def account_files(spec: Spec) -> list[Entry]:
    """``/etc/passwd`` and ``/etc/group``: the usual accounts, which those of ``spec`` replace by name, and the spec's.

    A user whose group is nowhere named gets one of the same name, as adduser(8) makes it. Raises UsageError for names
    and numbers that are there twice, and for an image's user that is none of these.
    """
    users, groups = _users(spec), _groups(spec)
    if "/etc/passwd" not in {stated.path for stated in spec.files}:
        _check_known(spec.user, users, groups)
    members = {group.name: list[str]() for group in groups}
    for user in users:
        for name in user.groups:
            if name not in members:
                raise unknown_group(user.name, name, members)
            members[name].append(user.name)
    passwd = (f"{one.name}:x:{one.id}:{one.gid}:{one.name}:{one.home}:{one.shell}\n" for one in users)
    lines = (f"{one.name}:x:{one.id}:{','.join(members[one.name])}\n" for one in groups)
    return [file("etc/passwd", "".join(passwd)), file("etc/group", "".join(lines))]


def account_names(spec: Spec) -> frozenset[str]:
    """Users and groups that an image of ``spec`` has. Raises UsageError."""
    return frozenset(one.name for one in (*_users(spec), *_groups(spec)))


def homes(spec: Spec) -> list[Entry]:
    """The own directories of the usual users and of those of ``spec``. Raises UsageError."""
    return homes_of(_users(spec))


def homes_of(users: Sequence[Account]) -> list[Entry]:
    """The users' own directories, root's alone closed to others. Raises UsageError for a path that is not clean.

    ``nonroot``'s is open for reading: a platform that starts containers as some other number has to enter it too.
    """
    for user in users:
        if {".", ".."} & set(user.home.split("/")):
            raise UsageError(f"cannot add user `{user.name}`: home `{user.home}` is not a clean absolute path")
    return [
        Entry(user.home.strip("/"), Kind.DIRECTORY, 0o755 if user.id else 0o700, user.id, user.gid)
        for user in users
        if user.home not in _HOMELESS
    ]


def unknown_group(user: str, name: str, known: Iterable[str]) -> UsageError:
    """What is wrong with a user who is to be in a group that nobody named."""
    near = nearest(name, list(known))
    return UsageError(
        f"cannot add user `{user}` to group `{name}`: there is no group of this name",
        hint=f"did you mean `{near}`?" if near else "name it in `groups`",
    )


def _users(spec: Spec) -> list[Account]:
    own = {user.name for user in spec.users}
    users = [*(user for user in _USERS if user.name not in own), *spec.users]
    _check(users, "user", "uid")
    return users


def _groups(spec: Spec) -> list[Account]:
    own = {group.name for group in spec.groups}
    groups = [*(group for group in _GROUPS if group.name not in own), *spec.groups]
    _check(groups, "group", "gid")
    numbers, names = {group.id for group in groups}, {group.name for group in groups}
    for user in spec.users:
        if user.gid not in numbers and user.name not in names:
            groups.append(Account(user.name, user.gid))
            numbers.add(user.gid)
    return groups


def _check(accounts: Sequence[Account], what: str, number: str) -> None:
    names: set[str] = set()
    holders: dict[int, str] = {}
    for one in accounts:
        if one.name in names:
            raise UsageError(f"cannot add {what} `{one.name}`: it is there already")
        if one.id in holders:
            raise UsageError(f"cannot add {what} `{one.name}`: {number} {one.id} is `{holders[one.id]}`'s")
        names.add(one.name)
        holders[one.id] = one.name


def _check_known(chosen: str, users: Sequence[Account], groups: Sequence[Account]) -> None:
    for name, what, accounts in zip(chosen.split(":"), ("user", "group"), (users, groups), strict=False):
        known = [one.name for one in accounts]
        if name and not name.isdecimal() and name not in known:
            near = nearest(name, known)
            raise UsageError(
                f"cannot run as {what} `{name}`: the image has none of this name",
                hint=f"did you mean `{near}`?" if near else f"add it to `{what}s`",
            )
