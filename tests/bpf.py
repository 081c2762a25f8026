"""A small interpreter of classic BPF: what a system call filter says of a call."""

import struct

ALLOW, TRACE = "allow", "trace"
_WORDS = {0x7FFF0000: ALLOW, 0x7FF00000: TRACE}


def decide(program, arch, number, *arguments):
    data = struct.pack("=iIQ6Q", number, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    code = list(struct.iter_unpack("=HBBI", program))
    at = value = 0
    while True:
        op, yes, no, k = code[at]
        at += 1
        if op == 0x20:
            value = struct.unpack_from("=I", data, k)[0]
        elif op == 0x54:
            value &= k
        elif op == 0x05:
            at += k
        elif op in (0x15, 0x35, 0x45):
            holds = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[op]
            at += yes if holds else no
        else:
            assert op == 0x06
            return _WORDS.get(k, k & 0xFFFF)
