"""Which packages there are, what they need, and whose a file is."""

import json

from lissom.analysis.packages import read_packages
from lissom.rootfs.tree import Changeset, Tree
from memory_images import a_directory, a_file, a_link


def tree(files=(), *others):
    """A tree of files by path and text; parents are made."""
    entries = [*others, *(a_file(path, text.encode()) for path, text in dict(files).items())]
    return Tree().apply(Changeset.of(entries))


def names(packages):
    return sorted(package.name for package in packages)


STATUS = """\
Package: dash
Status: install ok installed
Architecture: amd64
Version: 0.5.12-2
Pre-Depends: libc6 (>= 2.34)
Depends: awk | mawk, nothing-here,
 debianutils (>= 5)

Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 2.36-9
Provides: libc-dev-any (= 1), other

Package: gawk
Status: install ok installed
Version: 5
Architecture: amd64
Provides: awk

Package: old
Status: deinstall ok config-files
Version: 1
Architecture: all
"""
INFO = "var/lib/dpkg/info"


def debian(**more):
    return tree(
        {
            "var/lib/dpkg/status": STATUS,
            f"{INFO}/dash.list": "/.\n/bin\n/bin/sh\n/bin/dash\n/usr/share/doc/dash/copyright\n/gone\n",
            f"{INFO}/dash.postinst": "#!/bin/sh\n",
            f"{INFO}/libc6:amd64.list": "/.\n/lib\n/lib/libc.so.6\n/var/lib/empty\n",
            f"{INFO}/gawk.list": "/usr/bin/gawk\n/usr/share/man/man1/sh.1\n",
            "usr/bin/dash": "",
            "usr/bin/gawk": "",
            "usr/share/doc/dash/copyright": "",
            "usr/lib/libc.so.6": "",
            **more,
        },
        a_link("bin", "usr/bin"),
        a_link("lib", "/usr/lib"),
        a_link("usr/bin/sh", "dash"),
        a_directory("var/lib/empty"),
    )


def test_debs_own_files_where_the_links_of_their_directories_lead():
    packages = read_packages(debian())
    dash, libc, gawk = packages.system
    assert dash.files == {"usr/bin/sh", "usr/bin/dash", "usr/share/doc/dash/copyright"}
    assert (dash.kind, dash.version, dash.architecture) == ("deb", "0.5.12-2", "amd64")
    assert dash.records == {f"{INFO}/dash.list", f"{INFO}/dash.postinst"}
    assert libc.files == {"usr/lib/libc.so.6"}
    assert "var/lib/empty" in libc.directories
    assert packages.owner("usr/bin/gawk") is gawk
    assert packages.owner(f"{INFO}/dash.postinst") is dash
    assert packages.owner("usr/local/bin/app") is None


def test_a_link_of_a_merged_root_is_no_file_of_who_lists_it_alone():
    packages = read_packages(debian(**{f"{INFO}/gawk.list": "/lib\n/usr/bin/gawk\n"}))
    assert packages.named("deb", "gawk")[0].files == {"usr/bin/gawk"}


def test_debs_require_what_stands_for_their_dependencies():
    packages = read_packages(debian())
    dash = packages.named("deb", "dash")[0]
    assert dash.requires == ("libc6", "gawk")
    assert names(packages.required(dash)) == ["gawk", "libc6"]


def test_a_diverted_file_is_where_it_was_put():
    diversions = "/usr/share/man/man1/sh.1\n/usr/share/man/man1/sh.distrib.1\ndash\n"
    man = "usr/share/man/man1/sh"
    packages = read_packages(
        debian(**{"var/lib/dpkg/diversions": diversions, f"{man}.1": "dash's", f"{man}.distrib.1": "gawk's"})
    )
    assert packages.owner(f"{man}.distrib.1").name == "gawk"
    assert packages.owner(f"{man}.1") is None


def test_records_of_images_without_dpkg():
    where = "var/lib/dpkg/status.d"
    packages = read_packages(
        tree(
            {
                f"{where}/base": "Package: base-files\nVersion: 12\nArchitecture: amd64\n",
                f"{where}/base.md5sums": "0123456789abcdef0123456789abcdef  etc/motd\n",
                "etc/motd": "",
            }
        )
    )
    assert packages.owner("etc/motd").name == "base-files"
    assert packages.owner(f"{where}/base.md5sums").version == "12"


def test_apks_and_what_they_need_of_one_another():
    record = (
        "C:Q1=\nP:musl\nV:1.2.5-r0\nA:x86_64\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl.so.1\na:0:0:755\n\n"
        "P:busybox\nV:1.36\nD:so:libc.musl-x86_64.so.1 !old cmd:none\nF:bin\nR:busybox\nF:etc\nF:usr/bin\n\n"
    )
    packages = read_packages(
        tree({"lib/apk/db/installed": record, "lib/ld-musl.so.1": "", "bin/busybox": ""}, a_directory("etc"))
    )
    busybox = packages.named("apk", "busybox")[0]
    assert (busybox.requires, busybox.files, busybox.directories) == (("musl",), {"bin/busybox"}, {"bin", "etc"})
    assert packages.owner("lib/ld-musl.so.1").version == "1.2.5-r0"


SITE = "usr/lib/python3/site-packages"


def test_a_distribution_owns_what_its_record_lists():
    record = f'flask/__init__.py,sha256=x,1\n"flask/a,b.py",,\n../../../bin/flask,,\n{"Flask-3.0.dist-info"}/RECORD,,\nno,,\n'
    packages = read_packages(
        tree(
            {
                f"{SITE}/Flask-3.0.dist-info/METADATA": (
                    "Metadata-Version: 2.1\nName: Flask\nVersion: 3.0\nRequires-Dist: Jinja2 (>=3)\n"
                    "Requires-Dist: colorama; sys_platform == 'win32'\nRequires-Dist: asgiref>=3; extra == 'async'\n"
                    "\nRequires-Dist: not-this\n"
                ),
                f"{SITE}/Flask-3.0.dist-info/RECORD": record,
                f"{SITE}/flask/__init__.py": "",
                f"{SITE}/flask/a,b.py": "",
                f"{SITE}/flask/__pycache__/__init__.cpython-311.pyc": "",
                "usr/bin/flask": "",
                f"{SITE}/jinja2-3.1.dist-info/METADATA": "Name: jinja2\nVersion: 3.1\n\n",
                f"{SITE}/jinja2/nodes.py": "",
                "opt/venv/jinja2-2.0.dist-info/METADATA": "Name: jinja2\nVersion: 2.0\n\n",
            }
        )
    )
    (flask,) = packages.named("python", "flask")
    assert flask.files == {f"{SITE}/flask/__init__.py", f"{SITE}/flask/a,b.py", "usr/bin/flask"}
    assert flask.records == {f"{SITE}/Flask-3.0.dist-info/METADATA", f"{SITE}/Flask-3.0.dist-info/RECORD"}
    assert (flask.requires, flask.root) == (("jinja2", "colorama"), SITE)
    assert [each.version for each in packages.required(flask)] == ["3.1"], "that of the same directory"
    assert packages.language_owner(f"{SITE}/jinja2/nodes.py").name == "jinja2"
    assert packages.language_owner(f"{SITE}/flask/__pycache__/__init__.cpython-311.pyc") is flask


def test_a_distribution_without_a_list_owns_what_it_lets_import():
    packages = read_packages(
        tree(
            {
                f"{SITE}/six-1.16.0.egg-info": "Name: six\nVersion: 1.16.0\n",
                f"{SITE}/six.py": "",
                f"{SITE}/__pycache__/six.cpython-311.pyc": "",
                f"{SITE}/PyYAML-6.0.egg-info/PKG-INFO": "Name: PyYAML\nVersion: 6.0\n",
                f"{SITE}/PyYAML-6.0.egg-info/top_level.txt": "_yaml\nyaml\n..\n",
                f"{SITE}/PyYAML-6.0.egg-info/requires.txt": "six\n[:python_version<'3']\nold\n[dev]\npytest\n",
                f"{SITE}/yaml/loader.py": "",
                f"{SITE}/_yaml.cpython-311-x86_64-linux-gnu.so": "",
                f"{SITE}/yamlish.py": "",
            }
        )
    )
    (six,) = packages.named("python", "six")
    assert six.files == {f"{SITE}/six.py", f"{SITE}/__pycache__/six.cpython-311.pyc"}
    (yaml,) = packages.named("python", "pyyaml")
    assert yaml.files == {f"{SITE}/yaml/loader.py", f"{SITE}/_yaml.cpython-311-x86_64-linux-gnu.so"}
    assert yaml.requires == ("six", "old")


def test_npm_packages_nest():
    def manifest(name, **more):
        return json.dumps({"name": name, "version": "1.0.0", **more})

    app = "srv/node_modules"
    packages = read_packages(
        tree(
            {
                f"{app}/a/package.json": manifest(
                    "a", dependencies={"b": "*", "@s/c": "*"}, peerDependencies={"x": "1"}
                ),
                f"{app}/a/lib/index.js": "",
                f"{app}/a/node_modules/b/package.json": manifest("b"),
                f"{app}/a/node_modules/b/i.js": "",
                f"{app}/b/package.json": manifest("b"),
                f"{app}/@s/c/package.json": "{",
                f"{app}/@s/d/package.json": manifest("@s/d"),
                f"{app}/.pnpm/c@1/node_modules/@s/c/package.json": manifest("@s/c"),
                f"{app}/.bin/tool": "",
                "srv/node_modules.txt": "",
            }
        )
    )
    (a,) = packages.named("npm", "a")
    assert a.files == {f"{app}/a/lib/index.js"}
    assert a.requires == ("b", "@s/c", "x")
    assert [each.root for each in packages.required(a)] == [f"{app}/a/node_modules/b"]
    assert len(packages.named("npm", "b")) == 2
    assert packages.npm_from("srv/src/lib", "@s/d").name == "@s/d"
    assert packages.npm_from("etc", "@s/d") is None
    assert packages.language_owner(f"{app}/a/node_modules/b/i.js").root == f"{app}/a/node_modules/b"
    assert packages.language_owner(f"{app}/.bin/tool") is None


def test_a_linked_npm_package_is_the_one_it_leads_to():
    real = "srv/node_modules/.pnpm/c@1/node_modules/c"
    packages = read_packages(
        tree({f"{real}/package.json": '{"name": "c"}', f"{real}/i.js": ""}, a_link("srv/node_modules/c", f"/{real}"))
    )
    assert packages.npm_from("srv/src", "c").root == real


def test_gems_of_their_own_of_ruby_and_of_debian():
    def spec(name, more=""):
        return f'Gem::Specification.new do |s|\n  s.name = "{name}".freeze\n  s.version = "1.2"\n{more}end\n'

    home = "usr/lib/ruby/gems/3.1.0"
    needs = (
        '  s.add_runtime_dependency(%q<json>.freeze, [">= 1"])\n  s.add_development_dependency(%q<rake>)\n'
        "  s.add_dependency(%q<rake>)\n  s.add_dependency 'tilt'\n"
    )
    integration = "usr/share/rubygems-integration/all"
    packages = read_packages(
        tree(
            {
                f"{home}/specifications/rack-1.2.gemspec": spec("rack", needs),
                f"{home}/gems/rack-1.2/lib/rack.rb": "",
                f"{home}/extensions/x86_64-linux/3.1.0/rack-1.2/rack.so": "",
                f"{home}/specifications/default/json-1.2.gemspec": spec("json", '  s.files = ["lib/json.rb".freeze]\n'),
                "usr/lib/ruby/3.1.0/json.rb": "",
                f"{integration}/specifications/tilt-1.2.gemspec": spec("tilt", '  s.files = ["lib/tilt.rb"]\n'),
                "usr/lib/ruby/vendor_ruby/tilt.rb": "",
                "app/app.gemspec": spec("app"),
            }
        )
    )
    assert names(packages.gems) == ["json", "rack", "tilt"]
    (rack,) = packages.named("gem", "rack")
    assert len(rack.files) == 2
    assert names(packages.required(rack)) == ["json", "tilt"]
    assert packages.language_owner("usr/lib/ruby/3.1.0/json.rb").name == "json"
    assert packages.language_owner("usr/lib/ruby/vendor_ruby/tilt.rb").name == "tilt"


def test_damaged_records_are_passed_over():
    packages = read_packages(
        tree(
            {
                "var/lib/dpkg/status": "\n\n\0\udcff".encode("utf-8", "surrogateescape").decode("latin-1")
                + "Package:\n",
                "var/lib/dpkg/status.d/x": "no fields",
                "lib/apk/db/installed": "P\nX:\n\n:\n\nF:x\nR:y\n",
                "a/node_modules/b/package.json": "[" * 100_000,
                "a/node_modules/c/package.json": '{"name": 3, "version": [], "dependencies": ["x"]}',
                "x/.dist-info": "",
                "y/-.egg-info/RECORD": '"' * 200_001 + "\n,,,\n../../../../etc/passwd,,\n\0\n",
                "z/specifications/-.gemspec": "s.files = [",
            },
            a_link("l", "l"),
            a_link("l2.dist-info", "l"),
        )
    )
    assert [each.kind for each in packages.all] == ["python", "python", "python", "npm", "gem"]
    assert packages.owner("x") is None
