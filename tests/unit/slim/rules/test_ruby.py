"""What stays of Ruby: late requires, the standard library, gems."""

import pytest

from lissom.slim.rules import ruby
from lissom.slim.rules.ruby_requires import requires_of
from rule_scenes import a_package, kept, scene_of

LIB = "usr/local/lib/ruby/3.1.0"
ARCH = f"{LIB}/x86_64-linux"
GEMS = "usr/local/bundle"
FILES = {
    f"{LIB}/set.rb": "",
    f"{LIB}/csv.rb": "",
    f"{LIB}/yaml.rb": "require 'psych'",
    f"{LIB}/psych.rb": "require_relative 'psych/nodes'\nrequire 'psych.so'",
    f"{LIB}/psych/nodes.rb": "",
    f"{LIB}/rdoc.rb": "",
    f"{LIB}/irb/init.rb": "",
    f"{LIB}/mkmf.rb": "",
    f"{ARCH}/psych.so": "",
    f"{ARCH}/gdbm.so": "",
    f"{ARCH}/enc/big5.so": "",
    f"{ARCH}/rbconfig.rb": "",
    "app/app.rb": "get('/') { require 'yaml'; x }",
}
USED = [f"{LIB}/set.rb", f"{ARCH}/rbconfig.rb", "app/app.rb"]


def gem(name, files, depends=(), home=GEMS):
    needs = "".join(f'  s.add_runtime_dependency(%q<{each}>.freeze, [">= 0"])\n' for each in depends)
    spec = f'Gem::Specification.new do |s|\n  s.name = "{name}"\n  s.version = "1.0"\n{needs}end\n'
    return {f"{home}/specifications/{name}-1.0.gemspec": spec} | {
        f"{home}/gems/{name}-1.0/{path}": text for path, text in files.items()
    }


def keeps(files=None, touched=(), packages=None):
    return kept(scene_of({**FILES, **(files or {})}, [*USED, *touched], packages), *ruby.RULES)


def test_the_library_stays_with_all_encodings_and_without_tools():
    found = keeps()
    assert found[f"{LIB}/csv.rb"] == "ruby-stdlib"
    assert found[f"{ARCH}/enc/big5.so"] == "ruby-stdlib"
    gone = (f"{LIB}/rdoc.rb", f"{LIB}/irb/init.rb", f"{LIB}/mkmf.rb", f"{ARCH}/gdbm.so")
    assert not [path for path in gone if path in found]


def test_a_late_require_brings_the_extension():
    assert keeps()[f"{ARCH}/psych.so"] == "ruby-require"
    assert f"{ARCH}/psych.so" not in keeps({"app/app.rb": ""})


def test_nothing_stays_where_no_ruby_runs():
    assert set(kept(scene_of(FILES, ["app/app.rb"]), *ruby.RULES)) == {"app/app.rb"}


RACK = gem("rack", {"lib/rack.rb": "autoload :Mime, 'rack/mime'", "lib/rack/mime.rb": "", "test/a.rb": "", "README.md": "",
                    "ext/a.c": "", "MIT-LICENSE": ""}, ["base"])  # fmt: skip
BASE = gem("base", {"lib/base.rb": "", "data/x.txt": ""})


def test_a_used_gem_stays_with_what_it_depends_on():
    found = keeps({**RACK, **BASE}, [f"{GEMS}/gems/rack-1.0/lib/rack.rb"])
    assert {f"{GEMS}/gems/rack-1.0/lib/rack/mime.rb", f"{GEMS}/gems/rack-1.0/MIT-LICENSE"} <= found.keys()
    assert f"{GEMS}/specifications/base-1.0.gemspec" in found
    assert found[f"{GEMS}/gems/base-1.0/data/x.txt"] == "ruby-dependency"
    gone = {f"{GEMS}/gems/rack-1.0/{name}" for name in ("test/a.rb", "README.md", "ext/a.c")}
    assert not gone & found.keys()


def test_a_gem_that_rubygems_only_looked_at_is_not_used():
    marks = {f"{GEMS}/extensions/x86_64-linux/3.1.0/rack-1.0/gem.build_complete": ""}
    found = keeps({**RACK, **BASE, **marks}, [f"{GEMS}/specifications/rack-1.0.gemspec", *marks])
    assert f"{GEMS}/gems/rack-1.0/lib/rack.rb" not in found


def test_a_late_require_brings_a_gem_and_a_library_brings_no_tool():
    files = {
        **gem("nokogiri", {"lib/nokogiri.rb": "begin; require 'pry'; rescue LoadError; end", "lib/late.rb": ""}),
        **gem("pry", {"lib/pry.rb": ""}),
        "app/app.rb": 'def x; require "nokogiri"; end',
    }
    found = keeps(files)
    assert f"{GEMS}/gems/nokogiri-1.0/lib/late.rb" in found
    assert f"{GEMS}/gems/pry-1.0/lib/pry.rb" not in found


def test_a_systems_package_in_the_vendor_directory_stays_whole():
    vendor = "usr/local/lib/ruby/vendor_ruby"
    files = {f"{vendor}/tilt.rb": "", f"{vendor}/tilt/erb.rb": "", f"{vendor}/other.rb": ""}
    deb = a_package("deb", "ruby-tilt", [f"{vendor}/tilt.rb", f"{vendor}/tilt/erb.rb", "usr/share/doc/ruby-tilt/x"])
    found = keeps(files, [f"{vendor}/tilt.rb"], [deb])
    assert f"{vendor}/tilt/erb.rb" in found
    assert f"{vendor}/other.rb" not in found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("require 'a/b'", {(False, "a/b")}),
        ('x { require "a"; y }', {(False, "a")}),
        ("require_relative '../a'", {(True, "../a")}),
        ("autoload :A, 'a'\nautoload(:B, \"b\")", {(False, "a"), (False, "b")}),
        ("load './x.rb'", {(False, "./x.rb")}),
        ("required 'x'", set()),
        ("require name", set()),
    ],
)
def test_requires(source, found):
    assert requires_of(source) == found
