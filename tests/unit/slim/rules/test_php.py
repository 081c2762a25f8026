"""Extensions, Composer's packages and directories of PHP."""

import json

import pytest

from lissom.slim.closure import closure
from lissom.slim.rules import php
from rule_scenes import a_package, kept, scene_of

MODULES = "usr/lib/php/20220829"
FILES = {
    "usr/bin/php8.2": "ELF",
    "etc/php/8.2/cli/php.ini": "",
    "etc/php/8.2/cli/conf.d/20-gd.ini": "; gd\nextension=gd.so\n",
    "etc/php/8.1/cli/php.ini": "",
    f"{MODULES}/gd.so": "ELF",
    f"{MODULES}/xml.so": "ELF",
    "var/lib/php/sessions/": "",
}


def keeps(files, touched, packages=None):
    return set(kept(scene_of({**FILES, **files}, touched, packages), *php.RULES))


def test_a_php_for_the_command_line_gets_its_settings_and_their_extensions():
    found = keeps({}, ["usr/bin/php8.2"])
    assert {"etc/php/8.2/cli/php.ini", f"{MODULES}/gd.so"} <= found
    assert not {"etc/php/8.1/cli/php.ini", f"{MODULES}/xml.so"} & found


def test_the_directory_of_sessions_stays():
    scene = scene_of(FILES)
    assert "var/lib/php/sessions" not in closure(scene, php.RULES)
    assert "var/lib/php/sessions" in closure(scene, php.RULES, keep=["usr/bin/php8.2"])


def vendor(packages, developers=(), **composer):
    said = {
        "packages": [{"name": name, "install-path": f"../{name}", "require": dict.fromkeys(needs, "*")} for name, needs in packages],
        "dev-package-names": list(developers),
    }  # fmt: skip
    files = {"app/vendor/composer/installed.json": json.dumps(said), "app/vendor/autoload.php": ""}
    files["app/vendor/composer/autoload_real.php"] = ""
    for name, _ in packages:
        files |= {
            f"app/vendor/{name}/src/A.php": "",
            f"app/vendor/{name}/tests/A.php": "",
            f"app/vendor/{name}/README.md": "",
        }
    return {**files, "app/composer.json": json.dumps(composer)} if composer else files


PACKAGES = [("a/log", ["php", "a/base"]), ("a/base", []), ("a/unit", []), ("a/other", [])]


def test_what_the_app_requires_stays():
    found = keeps(vendor(PACKAGES, ["a/unit"], require={"a/log": "*"}), ["app/vendor/autoload.php"])
    assert {
        "app/vendor/a/log/src/A.php",
        "app/vendor/a/base/src/A.php",
        "app/vendor/composer/autoload_real.php",
    } <= found
    assert not [
        path for path in found if "/tests/" in path or "a/unit" in path or "a/other" in path or path.endswith(".md")
    ]


def test_without_composer_json_all_but_developers_packages_stay():
    found = keeps(vendor(PACKAGES, ["a/unit"]), ["app/vendor/autoload.php"])
    assert "app/vendor/a/other/src/A.php" in found
    assert "app/vendor/a/unit/src/A.php" not in found


def test_a_vendor_directory_that_nobody_used():
    assert not keeps(vendor(PACKAGES), [])


@pytest.mark.parametrize("text", ["{", "[]", '{"packages": [3, {"name": 1}]}', '{"packages": {}}'])
def test_records_that_make_no_sense(text):
    files = {"app/vendor/composer/installed.json": text, "app/vendor/autoload.php": ""}
    assert "app/vendor/autoload.php" in keeps(files, ["app/vendor/autoload.php"])


def test_a_systems_library_stays_whole():
    files = {"usr/share/php/Twig/a.php": "", "usr/share/php/Twig/b.php": "", "usr/share/php/Other/c.php": ""}
    deb = a_package("deb", "php-twig", ["usr/share/php/Twig/a.php", "usr/share/php/Twig/b.php"])
    found = keeps(files, ["usr/bin/php8.2", "usr/share/php/Twig/a.php"], [deb])
    assert "usr/share/php/Twig/b.php" in found
    assert "usr/share/php/Other/c.php" not in found
