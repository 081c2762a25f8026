"""Rights that files give: to run as another user, with capabilities, and to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree

__all__ = ["Account", "account_of", "capabilities", "setgid", "setuid", "user_writable", "world_writable"]

_CAPABILITIES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service"
    " net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin"
    " sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override"
    " mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
)
_TEXT = 1 << 20
_WRITTEN = (Kind.FILE, Kind.DIRECTORY)


@dataclass(frozen=True, slots=True)
class Account:
    """Who a container runs as: numbers, groups with the first one. An unknown name has no uid."""

    uid: int | None
    gids: frozenset[int]

    @property
    def root(self) -> bool:
        return self.uid == 0


def setuid(tree: Tree) -> tuple[str, ...]:
    """Programs that run as their owner."""
    return tuple(path for path in tree if tree[path].kind is Kind.FILE and tree[path].mode & 0o4000)


def setgid(tree: Tree) -> tuple[str, ...]:
    """Programs that run as their group."""
    return tuple(path for path in tree if tree[path].kind is Kind.FILE and tree[path].mode & 0o2000)


def capabilities(tree: Tree) -> tuple[str, ...]:
    """Programs that get capabilities, as "path cap_net_raw"; see the VFS_CAP_REVISION parts of capabilities(7)."""
    found = ((path, tree[path].xattrs.get("security.capability")) for path in tree if tree[path].xattrs)
    return tuple(f"{path} {_named(value)}" for path, value in found if value)


def _named(value: bytes) -> str:
    if len(value) < 12:
        return "cap_?"
    low = int.from_bytes(value[4:8], "little")
    high = int.from_bytes(value[12:16], "little") if len(value) >= 20 else 0
    permitted = low | high << 32
    names = [f"cap_{name}" for bit, name in enumerate(_CAPABILITIES.split()) if permitted >> bit & 1]
    return ",".join(names) or "cap_?"


def world_writable(tree: Tree) -> tuple[str, ...]:
    """Files and directories that everybody may write, those with the sticky bit too."""
    return tuple(path for path in tree if tree[path].kind in _WRITTEN and tree[path].mode & 0o002)


def user_writable(tree: Tree, account: Account) -> tuple[str, ...]:
    """What ``account`` may write and not everybody; of a directory and what is in it only the directory."""
    if account.root:
        return ()
    found: set[str] = set()
    for path in tree:
        if _writes(tree[path], account):
            found.add(path)
    return tuple(path for path in sorted(found) if not path or parent_of(path) not in found)


def _writes(entry: Entry, account: Account) -> bool:
    if entry.kind not in _WRITTEN or entry.mode & 0o002:
        return False
    if entry.uid == account.uid:
        return bool(entry.mode & 0o200)
    return entry.gid in account.gids and bool(entry.mode & 0o020)


def account_of(tree: Tree, user: str) -> Account:
    """Who ``user`` ("name", "uid", with ":group" or without, empty for root) is; never fails, unlike running does."""
    name, _, group = user.partition(":")
    lines = list(_lines(tree, "etc/passwd", 4))
    uid: int | None = _number(name or "0")
    row = next((f for f in lines if (_number(f[2]) == uid if uid is not None else f[0] == name)), None)
    if row is not None:
        uid = _number(row[2])
    gids = {_number(group) if group.isdigit() else None, None if row is None or group else _number(row[3])}
    for fields in _lines(tree, "etc/group", 4):
        if fields[0] == group or (not group and row is not None and row[0] in fields[3].split(",")):
            gids.add(_number(fields[2]))
    known = frozenset(gid for gid in gids if gid is not None)
    return Account(uid, known if known or uid is None else frozenset({0}))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _lines(tree: Tree, path: str, count: int) -> Iterator[list[str]]:
    try:
        entry = tree.get(tree.resolve(path))
    except IntegrityError:
        return
    if entry is None or entry.content is None:
        return
    with entry.content.open() as stream:
        text = stream.read(_TEXT).decode(errors="surrogateescape")
    for line in text.splitlines():
        fields = line.strip().split(":")
        yield [*fields, *[""] * (count - len(fields))]
