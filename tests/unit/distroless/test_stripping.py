import hashlib
import shutil
import subprocess

import pytest

from lissom.distroless.spec.spec import Spec
from unit.distroless.fake_debs import assembled, deb, text

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("c")
    (path / "main.c").write_text("int add(int a, int b) { return a + b; }\nint main(void) { return add(1, 2) - 3; }\n")
    subprocess.run(["gcc", "-static", "-g", "-o", "main", "main.c"], cwd=path, check=True)
    return (path / "main").read_bytes()


def files(program):
    return {"usr/bin/a 755": program, "usr/bin/b": "=usr/bin/a", "usr/lib/c.so": program, "usr/lib/.c.so.hmac": b"sum"}


def test_symbols_go_and_the_program_runs(tmp_path, program):
    package = deb(tmp_path, "a", files(program), {"md5sums": f"{hashlib.md5(program).hexdigest()}  usr/bin/a\n"})
    made = assembled(tmp_path, package, spec=Spec(strip=True))
    thin, again, summed = (made.entries[name] for name in ("usr/bin/a", "usr/bin/b", "usr/lib/c.so"))
    with thin.content.open() as stream:
        data = stream.read()
    assert len(data) == thin.size == again.size < len(program) == summed.size
    assert thin.inode == again.inode != ""
    assert made.origins["usr/bin/b"].reason == "without its symbols"
    assert text(made, "var/lib/dpkg/status.d/a.md5sums") == f"{hashlib.md5(data).hexdigest()}  usr/bin/a\n"
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "a").chmod(0o755)
    assert subprocess.run([tmp_path / "a"], check=False).returncode == 0


def test_nothing_is_stripped_unasked(tmp_path, program):
    made = assembled(tmp_path, deb(tmp_path, "a", files(program)))
    assert made.entries["usr/bin/a"].size == len(program)
