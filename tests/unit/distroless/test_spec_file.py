"""Specs as files: what they include, their variants, and the files beside them."""

import os
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lissom.distroless.spec.file import load, parse
from lissom.distroless.spec.include import READY, Reader, ready_specs
from lissom.distroless.spec.merge import merged
from lissom.distroless.spec.spec import File, Wish
from lissom.errors import UsageError

CERTIFICATE = (Path(__file__).parents[2] / "data/distroless/root.pem").read_text()


@pytest.fixture
def beside(tmp_path):
    """Write texts to files beside one another, and read the first of them."""

    def write(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return str(tmp_path / f"{next(iter(texts))}.yaml")

    return write


def failing(text, variant=""):
    with pytest.raises(UsageError) as caught:
        load(text, variant)
    return caught.value


@pytest.mark.parametrize("name", ready_specs())
def test_ready_specs_are_read(name):
    assert load(name).packages


@pytest.mark.parametrize("name", ready_specs())
def test_ready_specs_begin_with_what_they_are_for(name):
    assert (READY / f"{name}.yaml").read_text().startswith("# ")


def test_an_unknown_name_offers_the_ready_specs():
    assert failing("debain").hint == "did you mean `debian`?"


def test_a_name_is_a_ready_spec_even_where_a_file_has_it(tmp_path, monkeypatch):
    (tmp_path / "base").write_text("name: mine")
    (tmp_path / "mine").write_text("name: mine")
    monkeypatch.chdir(tmp_path)
    assert load("base").name == "distroless/base"
    assert load("./base").name == load("mine").name == "mine"


def test_what_is_included_lies_below(beside):
    spec = load(
        beside(
            app="name: app\ninclude: [one.yaml, two.yaml]\npackages: [curl]\nenv: {B: app}\ncmd: [app]\nuser: app\n",
            one="name: one\npackages: [zlib1g, tzdata]\nenv: {A: one, B: one}\ncmd: [one]\nworkdir: /one\n",
            two="packages: [tzdata, git]\nenv: {A: two}\nuser: two\n",
        )
    )
    assert [str(wish) for wish in spec.packages] == ["zlib1g", "tzdata", "git", "curl"]
    assert dict(spec.env) == {"A": "two", "B": "app"}
    assert (spec.name, spec.cmd, spec.user, spec.workdir) == ("app", ("app",), "app", "/one")


def test_a_name_is_not_included(beside):
    assert load(beside(app="include: base")).name == ""


def test_dependencies_are_a_matter_of_the_packages_beside_it(beside):
    spec = load(beside(app="include: one.yaml\npackages: [git]\n", one="packages: [libc6]\ndependencies: false\n"))
    assert spec.packages == (Wish("libc6", dependencies=False), Wish("git"))


def test_slices_of_one_package_are_joined_and_the_whole_has_them_all(beside):
    text = "include: one.yaml\npackages: [libc6: [encodings], libssl3, netbase: [/etc/*]]\n"
    spec = load(beside(app=text, one="packages: [libc6: [libs], libssl3: [libs], netbase]\n"))
    assert spec.packages == (Wish("libc6", slices=("libs", "encodings")), Wish("libssl3"), Wish("netbase"))


def test_a_package_that_is_included_can_be_taken_away(beside):
    assert "tzdata" not in [wish.name for wish in load(beside(app="include: base\nwithout: [tzdata]\n")).packages]


def test_a_package_that_is_listed_on_top_is_there(beside):
    spec = load(beside(app="include: one.yaml\npackages: [debconf]", one="packages: [curl]\nwithout: [debconf, apt]"))
    assert spec.packages == (Wish("curl"), Wish("debconf"))
    assert spec.without == ("apt",)


def test_packages_are_added_on_top(beside):
    path = beside(app="packages: [{libc6: [libs]}, git]\ndependencies: false\n")
    assert load(path, added=["libc6", "curl=1"]).packages == (
        Wish("libc6"),
        Wish("git", dependencies=False),
        Wish("curl", "1"),
    )


def test_an_entrypoint_takes_the_command_below_it_away(beside):
    spec = load(beside(app="include: one.yaml\nentrypoint: [app]\n", one="entrypoint: [one]\ncmd: [--help]\n"))
    assert (spec.entrypoint, spec.cmd) == (("app",), ())


def test_modules_of_java_are_joined(beside):
    text = "include: one.yaml\njava: {modules: [java.sql]}\n"
    spec = load(beside(app=text, one="java: {modules: [java.base], compress: 2}\n"))
    assert spec.java.modules == ("java.base", "java.sql")
    assert spec.java.compress == 2


def test_java_without_modules_is_refused(beside):
    assert "`java` names no modules" in failing(beside(app="java: {compress: 1}")).message


def test_a_path_is_one_thing(beside):
    text = "include: one.yaml\nlinks: {/a: b}\n"
    error = failing(beside(app=text, one="files: {/a: x}"))
    assert error.message.endswith("app.yaml`: `/a` is in `files` and in `links`")


def test_slices_need_files_that_no_script_has_seen(beside):
    assert "scripts need whole packages" in failing(beside(app="packages: [a1: [/x]]\nconfigure: true\n")).message


def test_a_circle_of_includes_is_shown(beside, tmp_path):
    error = failing(beside(a="include: b.yaml", b="include: [a.yaml]"))
    first, excerpt, carets, hint = error.message.splitlines()
    assert first == f"{tmp_path}/b.yaml:1:11: cannot include `a.yaml`: it includes itself"
    assert excerpt[carets.index("^") :][: carets.count("^")] == "a.yaml"
    assert hint == f"hint: {tmp_path}/a.yaml → {tmp_path}/b.yaml → {tmp_path}/a.yaml"


def test_a_chain_of_includes_ends_somewhere(beside):
    error = failing(beside(**{f"x{n}": f"include: x{n + 1}.yaml" for n in range(20)}))
    assert "this is more than 16 includes deep" in error.message


def test_includes_that_multiply_are_read_once(beside):
    texts = {f"x{n}": f"include: [x{n + 1}.yaml, x{n + 1}.yaml, x{n + 1}.yaml]" for n in range(15)}
    assert load(beside(**texts, x15="packages: [curl]")).packages == (Wish("curl"),)


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("bsae", "cannot include `bsae`: there is neither a file nor a ready spec of this name"),
        ("none.yaml", "cannot include `none.yaml`: No such file or directory"),
        ("base:dbug", "cannot include `base:dbug`: it has no variant `dbug`"),
    ],
)
def test_an_include_that_is_not_there_is_shown_where_it_is_named(beside, include, message):
    assert (
        failing(beside(app=f"name: x\ninclude: {include}"))
        .message.splitlines()[0]
        .endswith(f"app.yaml:2:10: {message}")
    )


VARIED = """
name: app
user: root
variants:
  debug: {debug: true}
  nonroot: {user: "65532", name: "other:1"}
"""


def test_a_variant_lies_on_top(beside):
    path = beside(app=VARIED)
    assert not load(path).debug
    for spec in (load(f"{path}:debug"), load(path, "debug")):
        assert (spec.debug, spec.user, spec.name) == (True, "root", "app:debug")
    assert (load(f"{path}:nonroot").user, load(f"{path}:nonroot").name) == ("65532", "other:1")


@pytest.mark.parametrize(
    ("name", "tagged"),
    [
        ("app", "app:debug"),
        ("h:5000/app", "h:5000/app:debug"),
        ("app:1", "app:1-debug"),
        ("h:5000/a:1", "h:5000/a:1-debug"),
    ],
)
def test_the_variant_is_the_tag(name, tagged):
    assert parse(f"name: {name}\nvariants: {{debug: {{debug: true}}}}", "x.yaml", "debug").name == tagged


def test_variants_are_included(beside):
    path = beside(
        app="include: one.yaml\nvariants: {debug: {env: {B: 2}}, small: {strip: true}}",
        one="variants: {debug: {debug: true, env: {A: 1}}}",
    )
    assert load(path, "debug").debug
    assert dict(load(path, "debug").env) == {"A": "1", "B": "2"}
    assert load(path, "small").strip


def test_a_variant_can_be_included(beside):
    assert load(beside(app="include: one.yaml:debug", one=VARIED)).debug


def test_packages_of_a_variant_are_as_those_of_their_spec(beside):
    path = beside(app="packages: [a1]\ndependencies: false\nvariants: {more: {packages: [b1]}}")
    assert load(path, "more").packages == (Wish("a1", dependencies=False), Wish("b1", dependencies=False))


def test_an_unknown_variant_names_the_known_ones(beside):
    path = beside(app=VARIED, one="user: root")
    assert failing(path, "dbug").hint == "did you mean `debug`?"
    assert failing(path, "zzz").hint == "variants: debug, nonroot"
    assert failing(path.replace("app", "one"), "debug").hint == "it has no variants"


def test_one_variant_is_one_image(beside):
    assert "already names one" in failing(f"{beside(app=VARIED)}:debug", "nonroot").message


def test_a_variant_cannot_include(beside):
    assert "unknown setting `include`" in failing(beside(app="variants: {x: {include: base}}")).message


def test_files_come_from_beside_the_spec(beside, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/app").write_bytes(b"\x7fELF\0\xff")
    (tmp_path / "bin/app").chmod(0o751)
    (tmp_path / "data").write_bytes(b"x")
    (tmp_path / "data").chmod(0o600)
    text = "files: {/app: {source: bin/app}, /data: {source: data}, /secret: {source: data, mode: 600, gid: 7}}"
    assert load(beside(app=text)).files == (
        File("/app", b"\x7fELF\0\xff", 0o755),
        File("/data", b"x", 0o644),
        File("/secret", b"x", 0o600, 0, 7),
    )


def test_files_of_an_included_spec_are_beside_that(beside, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/one.yaml").write_text("files: {/x: {source: x}}\nca: [root.pem]\n")
    (tmp_path / "sub/x").write_text("x")
    (tmp_path / "sub/root.pem").write_text(CERTIFICATE)
    spec = load(beside(app="include: sub/one.yaml"))
    assert spec.files == (File("/x", b"x"),)
    assert spec.ca == (CERTIFICATE,)


def test_keys_of_an_included_spec_are_beside_that(beside, tmp_path):
    (tmp_path / "sub").mkdir()
    line = "deb [arch=amd64 signed-by={}] https://archive.example/debian bookworm main"
    (tmp_path / "sub/one.yaml").write_text(f"sources: ['{line.format('own.gpg,/usr/share/keys.gpg')}']")
    spec = load(beside(app="include: sub/one.yaml"))
    assert spec.sources == (line.format("sub/own.gpg,/usr/share/keys.gpg"),)


@pytest.mark.parametrize("text", ["files: {/x: {source: none}}", "ca: [none]"])
def test_a_file_that_is_not_there_is_shown_where_it_is_named(beside, text):
    assert "cannot read `none`: there is no such file" in failing(beside(app=text)).message


def test_a_pipe_is_no_file(beside, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "there is no such file" in failing(beside(app="files: {/x: {source: pipe}}")).message


def test_certificates_come_in_many_forms(beside, tmp_path):
    (tmp_path / "bundle.pem").write_text(f"# roots\n{CERTIFICATE}\nsubject: x\n{CERTIFICATE}")
    (tmp_path / "root.der").write_bytes(ssl.PEM_cert_to_DER_cert(CERTIFICATE))
    inline = "".join(f"    {line}\n" for line in CERTIFICATE.splitlines())
    assert load(beside(app=f"ca:\n  - bundle.pem\n  - root.der\n  - |\n{inline}")).ca == (CERTIFICATE,)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("hello", "no certificate is in it"),
        (CERTIFICATE.replace("MIIB", "AAAA"), "a certificate in it is damaged"),
        (f"{CERTIFICATE}-----BEGIN EC PRIVATE KEY-----\n", "a private key is in it"),
    ],
)
def test_what_is_no_certificate_is_refused(beside, tmp_path, text, cause):
    (tmp_path / "root.pem").write_text(text)
    assert f"cannot use certificates of `root.pem`: {cause}" in failing(beside(app="ca: [root.pem]")).message


VALUES = {
    "packages": "packages: [a1, a2: [/x]]",
    "more": "packages: [a2, a3: [/x]]",
    "less": "packages: [a1: [/y], a3: [/z]]",
    "entrypoint": "entrypoint: [x]",
    "cmd": "cmd: [x]",
    "both": "{entrypoint: [y], cmd: [y]}",
    "env": "env: {cmd: a, entrypoint: b, X: c}",
    "trim": "trim: [docs, man]",
    "trims": "trim: [man, info]",
    "java": "java: {modules: [x]}",
    "variants": "variants: {a: {cmd: [x], packages: [a1]}, b: {entrypoint: [x]}}",
    "variant": "variants: {a: {entrypoint: [y], packages: [a1: [/x]]}, b: {cmd: [y]}}",
    "user": "user: a",
    "without": "{without: [a2], packages: [a4]}",
    "nobody": "user: b",
}


@given(st.lists(st.sampled_from(sorted(VALUES)), min_size=3, max_size=3))
def test_merging_is_associative(names):
    a, b, c = (Reader().text(VALUES[name], Path("x.yaml")) for name in names)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@pytest.mark.parametrize("name", sorted(set(ready_specs()) - {"busybox", "debian", "debian-slim"}))
def test_minimal_images_have_the_usual_variants(name):
    plain, debug, nonroot, both = (load(name, variant) for variant in ("", "debug", "nonroot", "debug-nonroot"))
    assert [one.debug for one in (plain, debug, nonroot, both)] == [False, True, False, True]
    assert [one.user for one in (plain, debug, nonroot, both)] == ["", "", "65532", "65532"]
    assert both.name == f"distroless/{name}:debug-nonroot"
    assert plain.packages == nonroot.packages
