"""The filter that stops at calls with paths, and the tables that it is made of."""

import pytest

from bpf import ALLOW, TRACE, decide
from lissom.sandbox.call_names import FREQUENT, NAMES
from lissom.sandbox.calls import Finder, build_watch, calls_of

X86, I386, ARM = 0xC000003E, 0x40000003, 0xC00000B7
EMPTY_PATH = 0x1000


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_both_tables_give_a_call_the_same_name(machine):
    calls = calls_of(machine)
    assert {number: call.name for number, call in calls.items()} == {number: NAMES[machine][number] for number in calls}


@pytest.mark.parametrize(
    ("arch", "call", "verdict"),
    [
        (X86, (257,), TRACE),  # openat
        (X86, (59,), TRACE),  # execve
        (X86, (217,), TRACE),  # getdents64
        (X86, (262, 3, 1, 2, 0), TRACE),  # newfstatat of a path
        (X86, (262, 3, 1, 2, EMPTY_PATH), ALLOW),  # … of a descriptor, as fstat does
        (X86, (332, 3, 1, EMPTY_PATH), ALLOW),  # statx likewise
        (X86, (89, 1, 2, 4096), TRACE),  # readlink
        (X86, (89, 1, 2, 1023), ALLOW),  # … as realpath walks along a path
        (X86, (0,), ALLOW),
        (X86, (202,), ALLOW),  # futex
        (I386, (5,), TRACE),  # open
        (I386, (3,), ALLOW),
        (ARM, (56,), ALLOW),  # the other machine's numbers mean nothing here
    ],
)
def test_it_stops_at_paths_only(arch, call, verdict):
    assert decide(build_watch("x86_64"), arch, *call) == verdict


def test_it_knows_the_other_machine():
    assert decide(build_watch("aarch64"), ARM, 56) == TRACE
    assert decide(build_watch("aarch64"), ARM, 63) == ALLOW


def test_every_call_leaves_out_those_that_are_made_all_the_time():
    watch = build_watch("x86_64", every_call=True)
    assert decide(watch, X86, 0) == ALLOW
    assert decide(watch, X86, 41) == TRACE  # socket
    assert decide(watch, X86, 257) == TRACE


def test_an_unknown_machine_has_no_filter():
    assert build_watch("m68k") == b""


def test_calls_say_where_their_paths_are():
    assert calls_of("x86_64")[264].finders == (Finder(address=1, directory=0), Finder(address=3, directory=2))
    assert calls_of("x86_64")[217].finders == (Finder(descriptor=0),)


def test_frequent_calls_have_numbers():
    assert set(NAMES["x86_64"].values()) >= FREQUENT
