"""Debian's architectures as the dynamic linker knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["MACHINES", "Machine"]


@dataclass(frozen=True, slots=True)
class Machine:
    """``triplet`` names directories of libraries; ``flags`` are ldconfig's for each kind of ELF file, by e_machine and
    bits, that its loaders may be asked for.
    """

    triplet: str
    flags: Mapping[tuple[int, int], int]
    big_endian: bool = False


MACHINES: Mapping[str, Machine] = {
    "amd64": Machine("x86_64-linux-gnu", {(62, 64): 0x303, (62, 32): 0x803, (3, 32): 0x003}),
    "arm64": Machine("aarch64-linux-gnu", {(183, 64): 0xA03, (40, 32): 0x903}),
    "armel": Machine("arm-linux-gnueabi", {(40, 32): 0xB03}),
    "armhf": Machine("arm-linux-gnueabihf", {(40, 32): 0x903}),
    "i386": Machine("i386-linux-gnu", {(3, 32): 0x003, (62, 64): 0x303, (62, 32): 0x803}),
    "mips64el": Machine("mips64el-linux-gnuabi64", {(8, 64): 0x703}),
    "ppc64el": Machine("powerpc64le-linux-gnu", {(21, 64): 0x503}),
    "riscv64": Machine("riscv64-linux-gnu", {(243, 64): 0x1003}),
    "s390x": Machine("s390x-linux-gnu", {(22, 64): 0x403}, big_endian=True),
}
