"""What is in Java archives."""

import io
import zipfile

import pytest

from java_files import jar
from lissom.analysis.inventory.jars import Jar, read_jars
from lissom.analysis.root import Root
from memory_images import a_file
from rule_scenes import tree_of


def read(**files):
    return list(read_jars(Root(tree_of({path.replace("__", "/"): data for path, data in files.items()}))))


def pom(group, artifact, version):
    text = f"#Generated\r\ngroupId={group}\r\nartifactId={artifact}\r\nversion={version}\r\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}


def test_mavens_record_is_believed_before_the_name_of_the_file():
    data = jar(pom("org.example", "widget", "1.2"))
    assert read(**{"opt/widget-9.jar": data}) == [Jar("opt/widget-9.jar", "org.example", "widget", "1.2")]
    assert read(**{"opt/widget.jar": data}) == [Jar("opt/widget.jar", "org.example", "widget", "1.2")]


def test_classes_of_others_are_projects_too():
    data = jar({**pom("org.example", "all", "1"), **pom("com.other", "part", "2")})
    assert [(one.group, one.name) for one in read(**{"opt/all.jar": data})] == [
        ("org.example", "all"),
        ("com.other", "part"),
    ]


MANIFEST = (
    "Manifest-Version: 1.0\r\nBundle-SymbolicName: org.example.core.wid\r\n get;singleton:=true\r\n"
    'Implementation-Version: 3.1\r\nImplementation-Vendor: Example Inc.\r\nBundle-License: "Apache-2.0";link="x"\r\n'
    "\r\nName: other/\r\nImplementation-Version: 7\r\n"
)


@pytest.mark.parametrize(
    ("name", "manifest", "said"),
    [
        ("widget-2.0-beta.jar", "", ("widget", "widget", "2.0-beta", "", "")),
        ("widget.war", MANIFEST, ("org.example.core", "widget", "3.1", "Apache-2.0", "Example Inc.")),
        ("other-1.jar", MANIFEST, ("org.example.core.widget", "other", "1", "Apache-2.0", "Example Inc.")),
        ("a.jar", "Implementation-Vendor-Id: com.acme\n", ("com.acme", "a", "", "", "")),
        ("a.jar", "Implementation-Vendor-Id: Acme Inc\n", ("a", "a", "", "", "")),
    ],
)
def test_without_it_the_manifest_and_the_name_say_what_they_know(name, manifest, said):
    group, own, version, licence, vendor = said
    expected = Jar(f"opt/{name}", group, own, version, licence, vendor)
    assert read(**{f"opt/{name}": jar({"META-INF/MANIFEST.MF": manifest})}) == [expected]


def test_archives_in_archives_are_read_but_not_without_end():
    data = jar(pom("g", "leaf", "1"))
    for depth in range(5):
        data = jar({f"lib/level{depth}.jar": data})
    found = [one.path for one in read(**{"opt/app.war": data})]
    assert found == [
        "opt/app.war",
        "opt/app.war!/lib/level4.jar",
        "opt/app.war!/lib/level4.jar!/lib/level3.jar",
        "opt/app.war!/lib/level4.jar!/lib/level3.jar!/lib/level2.jar",
    ]


def test_what_is_no_archive_is_left_out():
    broken = jar(pom("g", "a", "1"))[:-30]
    inside = jar({"lib/bad.jar": b"no zip"})
    assert [one.path for one in read(**{"a.jar": b"", "b.jar": broken, "c.jar": inside, "d.jar": "-> c.jar"})] == [
        "c.jar"
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_damage_is_worse_than_nothing_found(method):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("META-INF/MANIFEST.MF", MANIFEST)
        archive.writestr("lib/inner.jar", jar(pom("g", "inner", "1")))
    for place in range(len(whole.getvalue())):
        for byte in (0, 255):
            data = bytearray(whole.getvalue())
            data[place] = byte
            assert len(read(**{"app.jar": bytes(data)})) <= 3


def test_an_archive_in_an_archive_that_claims_too_much_is_left_out(monkeypatch):
    monkeypatch.setattr("lissom.analysis.inventory.jars._LARGEST_INSIDE", 1000)
    data = jar({"lib/big.jar": bytes(1001), "lib/small.jar": jar(pom("g", "small", "1"))})
    assert [one.name for one in read(**{"app.jar": data})] == ["app", "small"]


def test_all_inside_one_archive_share_a_limit(monkeypatch):
    small = jar({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0"})
    monkeypatch.setattr("lissom.analysis.inventory.jars._LARGEST_INSIDE", len(small))
    data = jar({f"lib/{number:02}.jar": small for number in range(20)})
    assert len(read(**{"app.jar": data})) == 1 + 8


def test_an_archive_with_too_long_a_table_is_left_out(monkeypatch):
    data = jar({f"{number}/x": b"" for number in range(30)})
    assert len(read(**{"app.jar": data})) == 1
    monkeypatch.setattr("lissom.analysis.inventory.jars._LARGEST_TABLE", 1000)
    assert read(**{"app.jar": data}) == []


def test_a_file_with_several_names_is_one():
    data = jar({})
    both = [a_file(path, data, inode="1") for path in ("a.jar", "b.jar")]
    assert [one.path for one in read_jars(Root({each.path: each for each in both}))] == ["a.jar"]
