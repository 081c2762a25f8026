"""What stays of Node: packages in use, what they depend on, what the app requires late."""

import json

import pytest

from lissom.slim.rules import node
from lissom.slim.rules.node_requires import package_name, specifiers_of
from rule_scenes import kept, scene_of

NM = "app/node_modules"
NODE = {"usr/local/bin/node": "ELF", "usr/local/bin/nodejs": "-> /usr/local/bin/node"}


def package(name, files, where=NM, **said):
    return {
        f"{where}/{name}/package.json": json.dumps({"name": name, "version": "1.0.0", **said}),
        **{f"{where}/{name}/{path}": text for path, text in files.items()},
    }


def keeps(files, touched, **config):
    return kept(scene_of({**NODE, **files}, touched, **config), *node.RULES)


EXPRESS = {
    "index.js": "require('./lib/a')",
    "lib/a.js": "",
    "lib/view.js": "",
    "lib/view.d.ts": "",
    "lib/view.ts": "",
    "lib/view.js.map": "",
    "README.md": "",
    "LICENSE.md": "",
    "test/a.js": "",
    "docs/a.html": "",
    ".github/x.yml": "",
    "src/a.cc": "",
    "prebuilds/linux-x64/a.node": "",
    "prebuilds/darwin-arm64/a.node": "",
}


def test_a_used_package_stays_without_tests_and_documents():
    found = keeps(package("express", EXPRESS), [f"{NM}/express/index.js"])
    stays = {path.removeprefix(f"{NM}/express/") for path in found}
    assert stays == {
        "package.json", "index.js", "lib/a.js", "lib/view.js", "LICENSE.md", "prebuilds/linux-x64/a.node"
    }  # fmt: skip


def test_a_looked_up_package_is_not_used():
    found = keeps(package("express", EXPRESS), [f"{NM}/express/package.json"])
    assert set(found) == {f"{NM}/express/package.json"}


def test_a_test_directory_that_the_package_loads_stays():
    files = package("a", {"index.js": "module.exports = require('./test/probe')", "test/probe.js": "", "docs/x.js": ""})
    found = keeps(files, [f"{NM}/a/index.js"])
    assert f"{NM}/a/test/probe.js" in found
    assert f"{NM}/a/docs/x.js" not in found


def test_dependencies_follow_as_node_finds_them():
    files = {
        **package("a", {"i.js": ""}, dependencies={"b": "1"}, optionalDependencies={"c": "1", "gone": "1"}),
        **package("b", {"old.js": ""}),
        **package("b", {"new.js": ""}, where=f"{NM}/a/node_modules"),
        **package(
            "c", {"i.js": ""}, peerDependencies={"d": "1", "e": "1"}, peerDependenciesMeta={"e": {"optional": True}}
        ),
        **package("d", {"i.js": ""}),
        **package("e", {"i.js": ""}),
    }
    found = keeps(files, [f"{NM}/a/i.js"])
    assert found[f"{NM}/a/node_modules/b/new.js"] == "node-dependency"
    assert {f"{NM}/c/i.js", f"{NM}/d/i.js"} <= found.keys()
    assert not {f"{NM}/b/old.js", f"{NM}/e/i.js"} & found.keys()


def test_packages_for_others_do_not_follow():
    files = {
        **package("sharp", {"i.js": ""}, optionalDependencies={"gnu": "1", "musl": "1", "mac": "1", "nowin": "1"}),
        **package("gnu", {"a.node": ""}, os=["linux"], libc=["glibc"]),
        **package("musl", {"a.node": ""}, os=["linux"], libc=["musl"]),
        **package("mac", {"a.node": ""}, os=["darwin"]),
        **package("nowin", {"a.js": ""}, os=["!win32"]),
    }
    found = keeps(files, [f"{NM}/sharp/i.js"])
    assert {f"{NM}/gnu/a.node", f"{NM}/nowin/a.js"} <= found.keys()
    assert not {f"{NM}/musl/a.node", f"{NM}/mac/a.node"} & found.keys()


def test_the_apps_dependencies_stay_and_not_those_for_developers():
    files = {
        "app/package.json": json.dumps({"dependencies": {"a": "1"}, "devDependencies": {"jest": "1"}}),
        "app/server.js": "",
        **package("a", {"i.js": ""}),
        **package("jest", {"i.js": ""}),
    }
    found = keeps(files, ["app/server.js"])
    assert found[f"{NM}/a/i.js"] == "node-dependency"
    assert f"{NM}/jest/i.js" not in found


def test_late_requires_of_the_app():
    files = {
        "app/server.js": "app.get('/', () => require('./late')); load('./formats/' + x); require(`./themes/${t}`);"
        " const f = require('./formats/' + name); import('yaml'); require('node:fs'); require('fs')",
        "app/late.js": "",
        "app/formats/csv.js": "",
        "app/formats/yaml.js": "",
        "app/themes/dark.js": "",
        "app/webpack.config.js": "require('webpack')",
        **package("yaml", {"i.js": ""}),
        **package("webpack", {"i.js": ""}),
    }
    found = keeps(files, ["app/server.js"])
    late = {"app/late.js", "app/formats/csv.js", "app/formats/yaml.js", "app/themes/dark.js", f"{NM}/yaml/i.js"}
    assert late <= found.keys()
    assert not {f"{NM}/webpack/i.js", "app/webpack.config.js"} & found.keys()


def test_an_installer_brings_only_what_it_used():
    home = "usr/local/lib/node_modules"
    files = {
        **package(
            "npm",
            {
                "lib/npm.js": "() => require('pacote')",
                "lib/install.js": "require('arborist')",
                "bin/npm": "#!/bin/bash",
            },
            where=home,
            dependencies={"arborist": "1", "nopt": "1"},
        ),
        **package("arborist", {"i.js": ""}, where=f"{home}/npm/node_modules"),
        **package("pacote", {"i.js": ""}, where=f"{home}/npm/node_modules"),
        **package("nopt", {"i.js": "", "late.js": ""}, where=f"{home}/npm/node_modules", dependencies={"abbrev": "1"}),
        **package("abbrev", {"i.js": ""}, where=f"{home}/npm/node_modules"),
    }
    found = keeps(files, [f"{home}/npm/lib/npm.js", f"{home}/npm/node_modules/nopt/i.js"])
    inside = f"{home}/npm/node_modules"
    assert {f"{inside}/nopt/late.js", f"{inside}/abbrev/i.js", f"{inside}/pacote/i.js"} <= found.keys()
    assert not {f"{inside}/arborist/i.js", f"{home}/npm/bin/npm"} & found.keys()


def test_both_names_of_node():
    assert set(keeps({}, ["usr/local/bin/node"])) == {"usr/local/bin/node", "usr/local/bin/nodejs"}


@pytest.mark.parametrize("text", ["{", '"x"', "[1]", '{"name": 3, "dependencies": []}'])
def test_a_package_json_that_makes_no_sense(text):
    files = {"app/package.json": text, "app/a.js": "require('x')", f"{NM}/x/package.json": text, f"{NM}/x/i.js": ""}
    assert "app/a.js" in keeps(files, ["app/a.js", f"{NM}/x/i.js"])


def test_specifiers():
    source = "import a from 'a'; import 'b'; export * from \"./c\"; require.resolve('@s/d/e'); import(`f/${g}.js`)"
    assert specifiers_of(source) == {"a", "b", "./c", "@s/d/e", "f/"}
    assert [package_name(name) for name in ("@s/d/e", "a/b", "./c", "/d", "node:fs", "#x")] == [
        "@s/d", "a", None, None, None, None
    ]  # fmt: skip
