import pytest

from lissom.distroless.spec.spec import File, Spec
from unit.distroless.fake_debs import assembled, deb

FILES = {"usr/bin/app 755": b"app", "usr/bin/link": "@app", "usr/bin/data": b"data", "usr/bin/lost": "@gone"}


def told(tmp_path, **spec):
    events = []
    assembled(tmp_path, deb(tmp_path, "a", FILES), spec=Spec(**spec), listener=events.append)
    return [event.message for event in events]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"entrypoint": ("/usr/bin/app", "-v")},
        {"entrypoint": ("/bin/link",)},
        {"cmd": ("app",)},
        {"cmd": ("app",), "env": (("PATH", "/opt:/bin"),)},
        {"entrypoint": ("app",), "cmd": ("no program but an argument",)},
        {"entrypoint": ("bin/app",), "workdir": "/usr"},
        {"entrypoint": ("/srv/app",), "files": (File("/srv/app", b"app", 0o755),)},
    ],
)
def test_a_program_that_is_there(tmp_path, spec):
    assert told(tmp_path, **spec) == []


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"entrypoint": ("/usr/bin/ap",)}, "the image has no program `/usr/bin/ap`, which its `entrypoint` names"),
        ({"cmd": ("data",)}, "the image has no program `data`, which its `cmd` names"),
        ({"cmd": ("lost",)}, "the image has no program `lost`, which its `cmd` names"),
        ({"cmd": ("app",), "env": (("PATH", "/opt"),)}, "the image has no program `app`, which its `cmd` names"),
    ],
)
def test_a_program_that_is_not_there(tmp_path, spec, message):
    assert told(tmp_path, **spec) == [message]
