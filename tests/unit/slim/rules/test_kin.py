"""The kin of the image's own command."""

from lissom.sandbox.watch import Sighting
from lissom.slim.rules.kin import RULES
from rule_scenes import a_package, kept, scene_of

FILES = {f"usr/bin/{name}": "#!x" for name in ("server", "cli", "bash", "other")} | {
    "usr/bin/srv": "-> server",
    "usr/share/server/readme": "text",
    "var/lib/dpkg/status": "Package: bash\nEssential: yes\nStatus: x\n\nPackage: server\nStatus: x\n",
}
PACKAGES = [
    a_package("deb", "server", ["usr/bin/server", "usr/bin/cli", "usr/share/server/readme"]),
    a_package("deb", "bash", ["usr/bin/bash", "usr/bin/other"]),
]


def test_a_start_script_names_the_server():
    files = {**FILES, "usr/local/bin/start": "#!/bin/sh\nexec server --foreground\n"}
    scene = scene_of(files, ["usr/local/bin/start", "usr/bin/server"], PACKAGES, Cmd=["start"])
    assert "usr/bin/cli" not in kept(scene, *RULES), "it was not seen running"
    scene.touched["usr/bin/server"] = Sighting("exec", "/usr/bin/server", "")
    assert "usr/bin/cli" in kept(scene, *RULES)


def found(touched, **config):
    return set(kept(scene_of(FILES, touched, PACKAGES, **config), *RULES)) - {touched[0]}


def test_programs_of_the_servers_package_stay_and_nothing_else_of_it():
    assert found(["usr/bin/server"], Cmd=["server", "--port", "1"]) == {"usr/bin/cli"}


def test_links_lead_to_the_package():
    assert found(["usr/bin/server", "usr/bin/srv"], Entrypoint=["srv"]) == {"usr/bin/srv", "usr/bin/cli"}


def test_what_every_image_has_has_no_kin():
    assert found(["usr/bin/bash"], Cmd=["bash", "-c", "server"]) == set()


def test_a_command_that_does_not_stay_brings_nothing():
    assert found(["usr/bin/bash"], Cmd=["server"]) == set()
