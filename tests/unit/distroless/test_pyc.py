"""Modules compiled by an interpreter that stands in for the image's, outside of a sandbox."""

import os
import subprocess
import sys

import pytest

from lissom.distroless.spec.spec import Spec
from lissom.errors import SandboxError, UsageError
from lissom.rootfs.disk import write
from lissom.sandbox.process import FileMount
from unit.distroless.fake_debs import assembled, deb

MINOR = sys.version_info.minor
LIBRARY = f"usr/lib/python3.{MINOR}"
MODULES = {
    f"usr/bin/python3.{MINOR} 755": b"python",
    f"{LIBRARY}/greeting.py": b"WORDS = {'hello', 'world', 'and', 'others'}\ndef greet(): return sorted(WORDS)[0]\n",
    f"{LIBRARY}/template.py": b"this is {{ no }} Python",
    f"{LIBRARY}/package/__init__.py": b"# coding: latin-1\nNAME = '\xe9'\n",
    "usr/lib/python3/dist-packages/more.py": b"NAME = 'hello'\n",
    "usr/lib/python3.4/old.py": b"print 'hello'\n",
    "usr/share/app/app.py": b"NAME = 1\n",
}
CACHE = f"__pycache__/greeting.cpython-3{MINOR}.pyc"


@pytest.fixture
def interpreter(monkeypatch, tmp_path):
    """The sandbox's part, done with paths of this machine."""

    def run(process, on_output):
        assert process.argv[0] == f"/usr/bin/python3.{MINOR}"
        assert process.readonly
        assert process.network == "none"
        listed, script = (mount.data.decode() for mount in process.mounts if isinstance(mount, FileMount))
        (root,) = process.lowers
        (tmp_path / "list").write_text("".join(f"{root}{line}\n" for line in listed.splitlines()))
        script = script.replace("/run/lissom-modules.txt", str(tmp_path / "list"))
        script = script.replace("/run/lissom-modules", str(process.mounts[0].source))
        # The name that is in the compiled form is the image's.
        script = script.replace("compile(data, path,", f"compile(data, path.removeprefix({str(root)!r}),")
        done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, check=False)
        on_output(2, done.stderr)
        return done.returncode

    monkeypatch.setattr("lissom.distroless.tree.pyc.run", run)


def content(made, path):
    with made.entries[path].content.open() as stream:
        return stream.read()


def test_modules_are_compiled_where_the_interpreter_looks(tmp_path, interpreter):
    made = assembled(tmp_path, deb(tmp_path, "a", MODULES), spec=Spec(pyc=True))
    assert {path for path in made.entries if path.endswith(".pyc")} == {
        f"usr/lib/python3/dist-packages/__pycache__/more.cpython-3{MINOR}.pyc",
        f"{LIBRARY}/{CACHE}",
        f"{LIBRARY}/package/__pycache__/__init__.cpython-3{MINOR}.pyc",
    }
    assert made.origins[f"{LIBRARY}/{CACHE}"].package == "a"
    tree = tmp_path / "tree"
    tree.mkdir()
    write(made.changeset, tree)
    (tree / LIBRARY / "greeting.py").write_text("raise SystemExit('the module itself was read')")
    words = "import greeting; print(greeting.greet())"
    environment = {**os.environ, "PYTHONPATH": str(tree / LIBRARY)}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "and\n", done.stderr
    assert f"/{LIBRARY}/greeting.py".encode() in content(made, f"{LIBRARY}/{CACHE}")


def test_a_modules_bytes_are_its_own(tmp_path, interpreter):
    first = assembled(tmp_path, deb(tmp_path, "a", MODULES), spec=Spec(pyc=True))
    other = tmp_path / "other"
    other.mkdir()
    more = {f"{LIBRARY}/aaa.py": b"WORDS = ['hello', 'world', 'and', 'others', 'WORDS', 'greet']\n", **MODULES}
    second = assembled(other, deb(other, "a", more), spec=Spec(pyc=True))
    assert content(first, f"{LIBRARY}/{CACHE}") == content(second, f"{LIBRARY}/{CACHE}")


def test_without_an_interpreter_nothing_can_be_compiled(tmp_path):
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, spec=Spec(pyc=True))
    assert caught.value.message == "cannot compile Python's modules: no package has an interpreter"


def test_an_interpreter_that_does_not_start_is_told(tmp_path, monkeypatch):
    def run(process, on_output):
        on_output(2, b"no encodings\n")
        return 1

    monkeypatch.setattr("lissom.distroless.tree.pyc.run", run)
    with pytest.raises(SandboxError) as caught:
        assembled(tmp_path, deb(tmp_path, "a", MODULES), spec=Spec(pyc=True))
    assert caught.value.message == (
        f"cannot compile Python's modules by `/usr/bin/python3.{MINOR}`: it exited with status 1: no encodings"
    )
