"""The filter, run by a small interpreter of classic BPF."""

import pytest

from bpf import ALLOW, decide
from lissom.sandbox.seccomp import build_filter

X86, I386, ARM = 0xC000003E, 0x40000003, 0xC00000B7
FAKE, EPERM, ENOSYS = 0, 1, 38


@pytest.mark.parametrize(
    ("arch", "call", "verdict"),
    [
        (X86, (0,), ALLOW),
        (X86, (59,), ALLOW),
        (X86, (101,), ALLOW),  # ptrace
        (X86, (165,), EPERM),  # mount
        (X86, (272, 0x10000000), EPERM),  # unshare
        (X86, (56, 17), ALLOW),  # clone as fork does
        (X86, (56, 0x10000000 | 17), EPERM),  # clone with a user namespace
        (X86, (435,), ENOSYS),  # clone3
        (X86, (250,), EPERM),  # keyctl
        (X86, (321,), EPERM),  # bpf
        (X86, (428,), EPERM),  # open_tree
        (X86, (41, 2), ALLOW),
        (X86, (41, 40), EPERM),  # vsock
        (X86, (135, 0xFFFFFFFF), ALLOW),
        (X86, (135, 0x40000), EPERM),  # personality without address randomisation
        (X86, (0x40000000 | 1,), ENOSYS),  # x32
        (X86, (9999,), ENOSYS),
        (X86, (92,), ALLOW),  # chown
        (I386, (21,), EPERM),  # mount
        (I386, (310,), EPERM),
        (I386, (4,), ALLOW),
        (ARM, (0,), ENOSYS),
    ],
)
def test_x86_64(arch, call, verdict):
    assert decide(build_filter(machine="x86_64"), arch, *call) == verdict


@pytest.mark.parametrize(
    ("call", "verdict"), [((40,), EPERM), ((220, 0x10000000), EPERM), ((220, 17), ALLOW), ((63,), ALLOW)]
)
def test_aarch64(call, verdict):
    assert decide(build_filter(machine="aarch64"), ARM, *call) == verdict


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((92,), FAKE),
        ((260,), FAKE),
        ((117,), FAKE),
        ((133, 0, 0o020666), FAKE),  # mknod of a character device
        ((133, 0, 0o010666), ALLOW),  # mknod of a pipe
        ((259, 0, 0, 0o060666), FAKE),
        ((165,), EPERM),
    ],
)
def test_emulated_root(call, verdict):
    assert decide(build_filter(emulate_root=True, machine="x86_64"), X86, *call) == verdict


@pytest.mark.parametrize(
    ("machine", "arch", "calls"),
    [
        ("x86_64", X86, (74, 75, 162, 306, 277)),
        ("x86_64", I386, (118, 148, 36, 344, 314)),
        ("aarch64", ARM, (82, 83, 81, 267, 84)),
    ],
)
def test_nothing_waits_for_a_disk(machine, arch, calls):
    program = build_filter(skip_sync=True, machine=machine)
    assert {decide(program, arch, call) for call in calls} == {FAKE}
    assert {decide(build_filter(machine=machine), arch, call) for call in calls} == {ALLOW}
    msync = {X86: 26, I386: 144, ARM: 227}[arch]
    assert decide(program, arch, msync, 0, 0, 4) == FAKE
    assert decide(program, arch, msync, 0, 0, 1) == ALLOW  # MS_ASYNC
    assert decide(program, arch, 1) == ALLOW
    assert decide(build_filter(skip_sync=True, emulate_root=True, machine=machine), arch, calls[0]) == FAKE


def test_unknown_machine_has_no_filter():
    assert build_filter(machine="vax") == b""
