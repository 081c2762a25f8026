"""The time zone database."""

import pytest

from elf_files import a_program, an_elf
from lissom.slim.rules.zoneinfo import RULES
from slim_scenes import a_scene, seen, stays

ZONES = {
    f"usr/share/zoneinfo/{name}": "x" for name in ("UTC", "Europe/Paris", "posix/UTC", "right/Europe/Paris", "zone.tab")
} | {"usr/share/zoneinfo/US/Eastern": "-> ../Europe/Paris"}


def found(files, *paths):
    kept = stays(a_scene({**ZONES, **files}, sightings=seen(*paths)), *RULES)
    return {path.removeprefix("usr/share/zoneinfo/") for path, reason in kept.items() if reason == "zoneinfo"}


ALL = {"UTC", "Europe/Paris", "zone.tab", "US/Eastern"}


@pytest.mark.parametrize("call", ["localtime", "localtime_r", "tzset", "mktime", "strftime"])
def test_a_program_that_tells_local_time(call):
    assert found({"app/run": a_program(imports=[call])}, "app/run") == ALL


def test_a_program_without_libraries_may_read_it_by_itself():
    static = an_elf(interpreter="")[:24] + (0x1100).to_bytes(8, "little") + an_elf()[32:]
    assert found({"app/run": static}, "app/run") == ALL


def test_who_tells_no_time():
    assert found({"app/run": a_program()}, "app/run") == set()
    assert found({"l/libc.so.6": an_elf(soname="libc.so.6", imports=["mktime"])}, "l/libc.so.6") == set()


def test_zones_with_leap_seconds_where_one_is_used():
    files = {"app/run": a_program(imports=["tzset"])}
    assert "right/Europe/Paris" not in found(files, "app/run")
    kept = stays(
        a_scene({**ZONES, **files, "usr/share/zoneinfo/right/UTC": "x"},
                sightings=seen("app/run", "usr/share/zoneinfo/right/UTC")), *RULES
    )  # fmt: skip
    assert "usr/share/zoneinfo/right/Europe/Paris" in kept
