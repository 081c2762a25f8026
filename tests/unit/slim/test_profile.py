"""What a profile allows, as a document and as a filter."""

from bpf import ALLOW, decide
from lissom.sandbox.call_names import FREQUENT
from lissom.slim.profile import allowed_calls, profile_filter, seccomp_profile

X86, ENOSYS = 0xC000003E, 38


def test_kin_of_what_was_seen_are_allowed_and_what_nobody_needs_is_not():
    allowed = allowed_calls({"openat", "accept4"})
    assert {"openat", "statx", "accept", "execve"} | FREQUENT <= allowed
    assert not allowed & {"mount", "ptrace", "keyctl", "bpf", "init_module", "reboot", "setns", "unshare"}


def test_a_family_comes_with_one_of_its_members():
    assert "shmat" not in allowed_calls({"openat"})
    assert {"shmat", "semop"} <= allowed_calls({"shmget"})
    assert "ptrace" in allowed_calls({"ptrace"})


def test_what_is_refused_looks_like_an_old_kernel():
    document = seccomp_profile(allowed_calls({"openat"}))
    assert (document["defaultAction"], document["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", ENOSYS)
    assert "clone3" not in document["syscalls"][0]["names"]
    assert document["syscalls"][1] == {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS}


def test_the_filter_says_the_same():
    program = profile_filter(allowed_calls({"openat"}), "x86_64")
    assert decide(program, X86, 257) == ALLOW
    assert decide(program, X86, 165) == ENOSYS  # mount
    assert decide(program, X86, 435) == ENOSYS  # clone3
    assert decide(program, X86, 0x40000000 | 257) == ENOSYS
    assert decide(program, 0x40000003, 5) == ENOSYS
