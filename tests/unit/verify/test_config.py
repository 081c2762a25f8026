"""What a config must say."""

import pytest

from lissom.verify.config import find_config_fault
from lissom.verify.probe import Config, Wanted

CONFIG = {
    "Env": ["A=b", "PATH=/bin"],
    "Labels": {"l": "v"},
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "Volumes": {"/data": {}},
    "Entrypoint": ["/x"],
    "Cmd": None,
    "WorkingDir": "/app",
}


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Wanted("env", "A", ("b",)), None),
        (Wanted("env", "PATH", ("b.n$",), True), None),
        (Wanted("env", "A", ("c",)), "variable `A` is `b`, not `c`"),
        (Wanted("env", "B", ("c",)), "variable `B` is not set"),
        (Wanted("env", "A", absent=True), "variable `A` is set"),
        (Wanted("labels", "l", ("w",)), "label `l` is `v`, not `w`"),
        (Wanted("ports", "80"), None),
        (Wanted("ports", "53/udp"), None),
        (Wanted("ports", "81"), "port 81 is not there"),
        (Wanted("volumes", "/data", absent=True), "volume /data is there"),
        (Wanted("entrypoint", values=("/x",)), None),
        (Wanted("cmd"), None),
        (Wanted("cmd", values=("a",)), "cmd is [], not ['a']"),
        (Wanted("workdir", values=("/",)), "workdir is `/app`, not `/`"),
        (Wanted("user", values=("",)), None),
    ],
)
def test_config(wanted, fault):
    assert find_config_fault(Config((wanted,)), CONFIG) == fault


def test_a_config_without_anything():
    assert find_config_fault(Config((Wanted("ports", "80"),)), {"ExposedPorts": []}) == "port 80 is not there"
