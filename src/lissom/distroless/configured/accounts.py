"""Users and groups that a spec adds to those of a configured base: passwd(5), group(5), shadow(5), gshadow(5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lissom.distroless.spec.spec import Account, Spec
from lissom.distroless.tree.accounts import homes_of, unknown_group
from lissom.distroless.tree.draft import file
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, Inline

__all__ = ["configured_accounts"]

_DAY = 86_400


def configured_accounts(spec: Spec, entries: Mapping[str, Entry], timestamp: int) -> list[Entry]:
    """The files of ``entries`` that know accounts, with those of ``spec`` added, and the homes that are not there.

    An account that is there stays with its number; a user's home and shell become the spec's. Nobody gets a password.
    Raises UsageError for a name or number that is another's.
    """
    users, groups = _Table("user", "uid", entries, "etc/passwd"), _Table("group", "gid", entries, "etc/group")
    for group in spec.groups:
        groups.put(group, f"{group.name}:x:{group.id}:", keep=True)
    for user in spec.users:
        if not groups.has(user.gid):
            groups.put(replace(user, id=user.gid), f"{user.name}:x:{user.gid}:", keep=True)
        for name in user.groups:
            groups.join(user.name, name)
        users.put(user, f"{user.name}:x:{user.id}:{user.gid}::{user.home}:{user.shell}", keep=False)
    day = timestamp // _DAY
    found = [users.finished(), groups.finished()]
    found += _appended(entries, "etc/shadow", [f"{name}:!:{day}:0:99999:7:::" for name in users.added])
    found += _appended(entries, "etc/gshadow", [f"{name}:!::" for name in groups.added])
    return [*found, *(home for home in homes_of(spec.users) if home.path not in entries)]


class _Table:
    """The lines of one file by name."""

    def __init__(self, what: str, number: str, entries: Mapping[str, Entry], path: str) -> None:
        self.what, self.number = what, number
        self.entry = entries.get(path) or file(path, "")
        self.lines = {line.partition(":")[0]: line for line in _lines(self.entry)}
        numbers = {name: _number(line) for name, line in self.lines.items()}
        self.holders = {int(number): name for name, number in numbers.items() if number.isdecimal()}
        self.added: list[str] = []

    def has(self, number: int) -> bool:
        return number in self.holders

    def put(self, account: Account, line: str, *, keep: bool) -> None:
        holder = self.holders.get(account.id)
        if holder not in (None, account.name):
            cause = f"{self.number} {account.id} is `{holder}`'s"
            raise UsageError(f"cannot add {self.what} `{account.name}`: {cause}")
        if account.name not in self.lines:
            self.added.append(account.name)
        elif holder is None:
            cause = f"it is there with {self.number} {_number(self.lines[account.name])}"
            raise UsageError(f"cannot add {self.what} `{account.name}`: {cause}")
        elif keep:
            return
        self.lines[account.name] = line
        self.holders[account.id] = account.name

    def join(self, user: str, name: str) -> None:
        """Make ``user`` a member of the group ``name``."""
        if name not in self.lines:
            raise unknown_group(user, name, self.lines)
        *head, members = self.lines[name].split(":")
        if user not in members.split(","):
            self.lines[name] = ":".join([*head, f"{members},{user}" if members else user])

    def finished(self) -> Entry:
        return _with(self.entry, self.lines.values())


def _appended(entries: Mapping[str, Entry], path: str, lines: Sequence[str]) -> list[Entry]:
    return [_with(entries[path], [*_lines(entries[path]), *lines])] if path in entries else []


def _lines(entry: Entry) -> list[str]:
    assert entry.content is not None
    with entry.content.open() as stream:
        return stream.read().decode("utf-8", "surrogateescape").splitlines()


def _number(line: str) -> str:
    return [*line.split(":"), "", "", ""][2]


def _with(entry: Entry, lines: Iterable[str]) -> Entry:
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    return replace(entry, size=len(data), content=Inline(data), inode="")
