"""Who a process runs as: ``user[:group]`` looked up in the texts of an image's passwd and group files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.errors import SandboxError
from lissom.rootfs.tree import Tree

__all__ = ["LARGEST_TEXT", "Account", "account_in", "find_account"]

LARGEST_TEXT = 8 << 20
_MAX_ID = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Account:
    """Numbers to run as; ``groups`` are supplementary ones, ``home`` is empty when passwd does not know the user."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: str = ""


def find_account(name: str, passwd: str, group: str) -> Account:
    """The account that ``name`` (``user``, ``uid``, ``user:group``, ``uid:gid``, empty for 0) means.

    A number need not be in passwd; its group is then 0. Supplementary groups come only without an explicit group.
    Raises SandboxError for a name that is not there and for a number out of range, as BuildKit does.
    """
    user, _, wanted = name.partition(":")
    number = _number(user or "0", name)
    account, found = Account(number or 0, 0), ""
    for fields in _lines(passwd, 7):
        uid = _id(fields[2])
        if uid is not None and (uid == number if number is not None else fields[0] == user):
            account, found = Account(uid, _id(fields[3]) or 0, (), fields[5]), fields[0]
            break
    else:
        if number is None:
            raise SandboxError(
                f"cannot run as `{name}`: the image's /etc/passwd has no user `{user}`",
                hint="make it first (RUN useradd …) or give a number",
            )
    if wanted:
        return Account(account.uid, _group(wanted, group, name), (), account.home)
    members = (fields for fields in _lines(group, 4) if found and found in fields[3].split(","))
    groups = tuple(gid for fields in members if (gid := _id(fields[2])) is not None)
    return Account(account.uid, account.gid, groups, account.home)


def _group(wanted: str, group: str, name: str) -> int:
    number = _number(wanted, name)
    if number is not None:
        return number
    for fields in _lines(group, 4):
        gid = _id(fields[2])
        if fields[0] == wanted and gid is not None:
            return gid
    raise SandboxError(
        f"cannot run as `{name}`: the image's /etc/group has no group `{wanted}`",
        hint="make it first (RUN groupadd …) or give a number",
    )


def _number(text: str, name: str) -> int | None:
    try:
        value = int(text)
    except ValueError:
        return None
    if not 0 <= value <= _MAX_ID:
        raise SandboxError(f"cannot run as `{name}`: {value} is not between 0 and {_MAX_ID}")
    return value


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _lines(text: str, count: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.strip():
            fields = line.strip().split(":")
            yield [*fields, *[""] * (count - len(fields))]


def account_in(tree: Tree, name: str) -> Account:
    """The account that ``name`` means to the /etc/passwd and /etc/group of ``tree``. Raises SandboxError."""
    return find_account(name, _text(tree, "etc/passwd"), _text(tree, "etc/group"))


def _text(tree: Tree, path: str) -> str:
    entry = tree.get(tree.resolve(path))
    if entry is None or entry.content is None:
        return ""
    with entry.content.open() as stream:
        return stream.read(LARGEST_TEXT).decode(errors="surrogateescape")
