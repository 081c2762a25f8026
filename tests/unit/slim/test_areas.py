"""Which directories are managed, and which files are the app's own."""

import pytest

from lissom.slim.areas import areas
from rule_scenes import a_package, scene_of

FILES = {
    "usr/lib/python3.11/os.py": "",
    "usr/lib/python3.11/encodings/__init__.py": "",
    "usr/lib/python3/dist-packages/flask/__init__.py": "",
    "usr/local/bin/gunicorn": "#!/usr/bin/python3",
    "usr/local/bin/python": "-> /usr/bin/python3",
    "usr/bin/python3": "ELF",
    "app/app.py": "",
    "app/.git/config": "",
    "app/__pycache__/app.cpython-311.pyc": "",
    "app/node_modules/express/index.js": "",
    "opt/yarn/package.json": "{}",
    "opt/yarn/bin/yarn.js": "",
    "usr/local/bin/node": "ELF",
    "usr/local/bin/serve": "-> /app/serve.sh",
    "app/serve.sh": "",
    "usr/lib/ruby/3.1.0/set.rb": "",
    "usr/lib/ruby/vendor_ruby/rack.rb": "",
    "var/lib/gems/3.1.0/gems/rake-1/lib/rake.rb": "",
    "var/lib/gems/3.1.0/specifications/rake-1.gemspec": "",
    "usr/share/perl/5.36.0/strict.pm": "",
    "opt/jdk/bin/java": "ELF",
    "opt/jdk/lib/modules": "",
    "usr/local/go/src/runtime/a.go": "",
    "usr/local/go/src/go/b.go": "",
    "go/src/app/main.go": "",
    "app/vendor/composer/installed.json": "{}",
    "app/vendor/monolog/monolog/src/Logger.php": "",
    "etc/passwd": "",
    "etc/nginx/conf.d/app.conf": "",
    "etc/hosts": "",
    "usr/share/nginx/html/index.html": "",
    "usr/share/nginx/html/more.html": "",
    "var/log/dpkg.log": "",
}
DEB = a_package("deb", "nginx", ["usr/share/nginx/html/index.html", "usr/bin/python3"])
DIST = a_package("python", "gunicorn", ["usr/local/bin/gunicorn"])


def test_what_is_found():
    found = areas(scene_of(FILES, packages=[DEB]))
    assert found.python_stdlibs == ("usr/lib/python3.11",)
    assert found.python_sites == ("usr/lib/python3/dist-packages",)
    assert found.node_modules == ("app/node_modules",)
    assert found.npm_homes == ("opt/yarn",)
    assert found.rubies == ("usr/lib/ruby/3.1.0", "usr/lib/ruby/vendor_ruby")
    assert found.gem_homes == ("var/lib/gems/3.1.0",)
    assert found.perls == ("usr/share/perl/5.36.0",)
    assert found.composers == ("app/vendor",)
    assert found.jdks == ("opt/jdk",)
    assert found.toolchains == ("usr/local/go",)
    assert found.managed("app/node_modules/express/index.js")
    assert not found.managed("app/app.py")


def test_what_is_the_apps_own():
    found = areas(scene_of(FILES, packages=[DEB, DIST]))
    assert found.own_files == (
        "app/app.py",
        "app/serve.sh",
        "etc/nginx/conf.d/app.conf",
        "go/src/app/main.go",
        "usr/share/nginx/html/more.html",
    )
    assert found.own("usr/local/bin/serve")
    assert not found.own("usr/local/bin/python")
    assert not found.own("nowhere")


def test_without_a_package_database_the_distributions_directories_are_not_the_apps():
    found = areas(scene_of(FILES, packages=[]))
    assert not found.own("usr/share/nginx/html/more.html")
    assert not found.own("etc/nginx/conf.d/app.conf")
    assert found.own("app/app.py")


def test_what_was_installed_from_a_directory_is_the_apps_own():
    site = "usr/lib/python3/dist-packages"
    records = {
        f"{site}/crunch-1.dist-info/direct_url.json": '{"url": "file:///src"}',
        f"{site}/crunch-1.dist-info/RECORD": "",
    }
    files = {f"{site}/crunch/a.py": "", f"{site}/flask/b.py": "", **records}
    crunch = a_package("python", "crunch", [f"{site}/crunch/a.py"], records=records)
    found = areas(scene_of(files, packages=[crunch]))
    assert found.own(f"{site}/crunch/a.py")
    assert not found.own(f"{site}/flask/b.py")


@pytest.mark.parametrize("path", ["usr/local/bin/tool", "opt/x/y", "srv/a", "home/u/app/z.py", "entry.sh"])
def test_ordinary_places(path):
    assert areas(scene_of({path: "x"}, packages=[])).own(path)
