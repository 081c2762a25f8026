"""What stays of Python: late imports, the standard library, distributions."""

import pytest

from lissom.slim.rules import python
from lissom.slim.rules.python_dists import is_for_developers
from lissom.slim.rules.python_imports import imports_of, literals_of, module_names
from lissom.slim.rules.python_reach import is_tool
from rule_scenes import kept, scene_of

LIB = "usr/lib/python3.11"
SITE = "usr/local/lib/python3.11/site-packages"
STDLIB = {
    f"{LIB}/os.py": "import sys\n",
    f"{LIB}/encodings/__init__.py": "",
    f"{LIB}/encodings/cp1252.py": "",
    f"{LIB}/__pycache__/os.cpython-311.pyc": b"\0",
    f"{LIB}/__pycache__/csv.cpython-311.pyc": b"\0",
    f"{LIB}/csv.py": "import _csv\n",
    f"{LIB}/test/test_csv.py": "",
    f"{LIB}/idlelib/run.py": "",
    f"{LIB}/distutils/core.py": "",
    f"{LIB}/distutils/__init__.py": "",
    f"{LIB}/config-3.11-x86_64-linux-gnu/libpython.a": "",
    f"{LIB}/sqlite3/__init__.py": "from sqlite3.dbapi2 import *\n",
    f"{LIB}/sqlite3/dbapi2.py": "from _sqlite3 import *\n",
    f"{LIB}/lib-dynload/_sqlite3.cpython-311-x86_64-linux-gnu.so": "",
    f"{LIB}/lib-dynload/_curses.cpython-311-x86_64-linux-gnu.so": "",
}
RUNNING = [f"{LIB}/os.py", f"{LIB}/__pycache__/os.cpython-311.pyc", f"{LIB}/encodings/__init__.py", "app/app.py"]


def dist(name, files, requires=""):
    info = f"{SITE}/{name}-1.dist-info"
    record = "".join(f"{path},,\n" for path in files)
    return {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{requires}\n",
        f"{info}/RECORD": f"{record}{name}-1.dist-info/METADATA,,\n{name}-1.dist-info/RECORD,,\n",
        **{
            f"{SITE}/{path}" if not path.startswith("../") else f"usr/local/{path[9:]}": text
            for path, text in files.items()
        },
    }


def keeps(files, touched=RUNNING, **config):
    return kept(scene_of({"app/app.py": "", **STDLIB, **files}, touched, **config), *python.RULES)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a, b.c as d", {"a", "b.c"}),
        ("def f():\n    from a import (b,  # why\n        c as e)\n", {"a", "a.b", "a.c"}),
        ("try: import x\nexcept ImportError: import y; import z", {"x", "y", "z"}),
        ("from . import a\nfrom ..b import c", {"p.q", "p.q.a", "p.b", "p.b.c"}),
        ("from a \\\n  import b, \\\n  c", {"a", "a.b", "a.c"}),
        ("from .... import far", set()),
        ("m = importlib.import_module('a.b'); __import__(\"c\")", {"a.b", "c"}),
        ("from a import *", {"a"}),
        ("reimport = important # import", set()),
    ],
)
def test_imports(source, found):
    assert imports_of(source, "p.q") == found


def test_texts_that_may_be_modules():
    assert literals_of("x = ['a.b', f'{y}']\n'''doc'''") == {"a.b", "doc"}
    assert literals_of("print 'old.style'") == {"old.style"}
    assert list(module_names("mysql+pymysql://u@h/db")) == ["pymysql"]
    assert list(module_names("app:create")) == ["app"]
    assert list(module_names("two words")) == []


def test_the_library_stays_without_what_only_developers_need():
    found = keeps({})
    assert found[f"{LIB}/csv.py"] == "python-stdlib"
    assert found[f"{LIB}/encodings/cp1252.py"] == "python-stdlib"
    assert f"{LIB}/__pycache__/os.cpython-311.pyc" in found
    gone = ("test/test_csv.py", "idlelib/run.py", "distutils/core.py", "__pycache__/csv.cpython-311.pyc")
    assert not [path for path in gone if f"{LIB}/{path}" in found]
    assert not [path for path in found if "config-3.11" in path or "lib-dynload" in path]


def test_an_import_inside_a_function_brings_the_extension():
    found = keeps({"app/app.py": "def f():\n    import sqlite3\n"})
    assert found[f"{LIB}/lib-dynload/_sqlite3.cpython-311-x86_64-linux-gnu.so"] == "python-import"
    assert f"{LIB}/lib-dynload/_curses.cpython-311-x86_64-linux-gnu.so" not in found


def test_without_a_running_python_nothing_stays():
    assert keeps({"app/app.py": "import sqlite3"}, ["app/app.py"]) == {"app/app.py": "traced"}


def test_the_source_of_byte_code_stays():
    found = keeps({}, [f"{LIB}/__pycache__/csv.cpython-311.pyc"])
    assert found[f"{LIB}/csv.py"] == "python-source"


FLASK = dist(
    "Flask",
    {
        "flask/__init__.py": "from . import app\n",
        "flask/app.py": "",
        "flask/late.py": "",
        "flask/py.typed": "",
        "flask/app.pyi": "",
        "flask/tests/test_app.py": "",
        "flask/__pycache__/late.cpython-311.pyc": b"\0",
        "flask/data/words.txt": "",
        "../../../bin/flask": "#!/usr/bin/python3",
        "../../../bin/big": "#!/usr/bin/python3" + " " * 2000,
    },
    "Requires-Dist: click>=8\nRequires-Dist: pytest; extra == 'test'\n",
)
CLICK = dist("click", {"click/__init__.py": ""})
PYTEST = dist("pytest", {"pytest/__init__.py": ""})


def test_a_used_distribution_stays_with_what_it_requires():
    found = keeps({**FLASK, **CLICK, **PYTEST}, [*RUNNING, f"{SITE}/flask/__init__.py"])
    assert found[f"{SITE}/flask/late.py"] == "python-distribution"
    assert found[f"{SITE}/flask/data/words.txt"] == "python-distribution"
    assert found[f"{SITE}/Flask-1.dist-info/METADATA"] == "python-distribution"
    assert found[f"{SITE}/click/__init__.py"] == "python-requires"
    gone = ("flask/tests/test_app.py", "flask/app.pyi", "flask/__pycache__/late.cpython-311.pyc", "pytest/__init__.py")
    assert not [path for path in gone if f"{SITE}/{path}" in found]
    assert found["usr/local/bin/flask"] == "python-distribution"
    assert "usr/local/bin/big" not in found


def test_looking_at_records_is_no_use():
    found = keeps({**FLASK, **CLICK}, [*RUNNING, f"{SITE}/Flask-1.dist-info/METADATA", f"{SITE}/click/__init__.py"])
    assert f"{SITE}/flask/app.py" not in found


def test_a_late_import_in_a_library_brings_another_distribution_but_no_tool():
    files = {
        **dist("pandas", {"pandas/__init__.py": "", "pandas/style.py": "def f():\n    import jinja2, pytest\n"}),
        **dist("Jinja2", {"jinja2/__init__.py": "", "jinja2/filters.py": ""}),
        **PYTEST,
    }
    found = keeps(files, [*RUNNING, f"{SITE}/pandas/__init__.py"])
    assert found[f"{SITE}/jinja2/filters.py"] == "python-distribution"
    assert f"{SITE}/pytest/__init__.py" not in found
    files["app/app.py"] = "import pytest"
    assert f"{SITE}/pytest/__init__.py" in keeps(files, [*RUNNING, f"{SITE}/pandas/__init__.py"])


def test_tests_that_a_library_imports_stay():
    files = dist("django", {"django/__init__.py": "from django.test import signals", "django/test/__init__.py": "",
                            "django/test/signals.py": "", "django/test/client.py": ""})  # fmt: skip
    found = keeps(files, [*RUNNING, f"{SITE}/django/__init__.py"])
    assert f"{SITE}/django/test/signals.py" in found
    assert f"{SITE}/django/test/client.py" not in found


def test_texts_of_the_app_and_its_command_name_modules():
    files = {
        **dist("corsheaders", {"corsheaders/__init__.py": ""}),
        **dist("workers", {"workers/__init__.py": "", "workers/uv.py": ""}),
        "app/app.py": "APPS = ['corsheaders', 'django']\n",
        "app/late.py": "import csv\n",
        "app/settings.ini": "class = late.Handler\n",
    }
    config = {"WorkingDir": "/app", "Cmd": ["gunicorn", "-k", "workers.uv.Worker"]}
    found = keeps(files, [*RUNNING, SITE, "app/settings.ini"], **config)
    assert f"{SITE}/corsheaders/__init__.py" in found
    assert f"{SITE}/workers/uv.py" in found
    assert found["app/late.py"] == "python-import"


def test_plug_ins_are_found_by_a_group_that_is_named():
    addon = dist("addon", {"addon/__init__.py": "import csv"})
    addon[f"{SITE}/addon-1.dist-info/entry_points.txt"] = (
        "[crunch.formats]\nx = addon:F\n[console_scripts]\na = addon:m\n"
    )
    addon[f"{SITE}/addon-1.dist-info/RECORD"] += "addon-1.dist-info/entry_points.txt,,\n"
    files = {**addon, "app/app.py": "entry_points(group='crunch.formats')"}
    assert keeps(files, [*RUNNING, SITE])[f"{SITE}/addon/__init__.py"] == "python-distribution"
    files["app/app.py"] = "console_scripts = 1"
    assert f"{SITE}/addon/__init__.py" not in keeps(files, [*RUNNING, SITE])


def test_an_app_that_was_installed_may_import_what_developers_use():
    files = {
        **dist("crunch", {"crunch/__init__.py": "def f():\n    import curses\n"}),
        f"{LIB}/curses/__init__.py": "import _curses",
    }
    native = f"{LIB}/lib-dynload/_curses.cpython-311-x86_64-linux-gnu.so"
    used = [*RUNNING, f"{SITE}/crunch/__init__.py"]
    assert native not in keeps(files, used)
    files[f"{SITE}/crunch-1.dist-info/direct_url.json"] = '{"url": "file:///src", "dir_info": {}}'
    assert native in keeps(files, used)


def test_setuptools_hook_is_no_use_of_setuptools():
    files = dist("setuptools", {"_distutils_hack/__init__.py": "", "distutils-precedence.pth": "import os",
                                "setuptools/__init__.py": ""})  # fmt: skip
    found = keeps(files, [*RUNNING, f"{SITE}/distutils-precedence.pth", f"{SITE}/_distutils_hack/__init__.py"])
    assert f"{SITE}/setuptools/__init__.py" not in found


def test_a_module_without_a_record_stays_whole():
    files = {
        f"{SITE}/loose/__init__.py": "",
        f"{SITE}/loose/a.py": "",
        f"{SITE}/loose/tests/b.py": "",
        f"{SITE}/one.py": "",
    }
    found = keeps(files, [*RUNNING, f"{SITE}/loose/__init__.py"])
    assert f"{SITE}/loose/a.py" in found
    assert not {f"{SITE}/loose/tests/b.py", f"{SITE}/one.py"} & found.keys()


def test_names_of_python_and_of_its_virtual_environment():
    files = {
        "usr/bin/python3.11": "ELF",
        "usr/bin/python3": "-> python3.11",
        "usr/local/bin/python": "-> /usr/bin/python3",
        "usr/bin/python2": "ELF",
        "venv/pyvenv.cfg": "home = /usr/bin",
        "venv/bin/python": "-> /usr/bin/python3",
        "venv/bin/pip": "",
        "venv/lib/python3.11/site-packages/six.py": "",
    }
    site = "venv/lib/python3.11/site-packages"
    found = keeps(files, [*RUNNING, "usr/bin/python3.11", site, f"{site}/six.py"])
    assert {"usr/bin/python3", "usr/local/bin/python", "venv/pyvenv.cfg", "venv/bin/python"} <= found.keys()
    assert not {"usr/bin/python2", "venv/bin/pip"} & found.keys()


@pytest.mark.parametrize(
    "path", ["a/tests/x.py", "a/x.pyi", "a/_x.pyx", "numpy/core/include/a.h", "numpy/f2py/cfuncs.py", "docs/x.rst"]
)
def test_for_developers(path):
    assert is_for_developers(path)


@pytest.mark.parametrize(
    "path", ["a/testing/x.py", "numpy/testing/__init__.py", "triton/backends/driver.c", "a/data.json"]
)
def test_not_for_developers(path):
    assert not is_for_developers(path)


def test_tools():
    assert is_tool("pytest")
    assert is_tool("IPython.display")
    assert not is_tool("numpy.testing")
