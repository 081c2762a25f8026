"""Programs and files that the app's own code names."""

import io
import struct
import zipfile

import pytest

from java_files import damaged
from java_files import jar as compressed
from lissom.slim.rules import mentions
from lissom.slim.rules.mention_binaries import texts_of_class
from lissom.slim.rules.mention_texts import looks_like_command, paths_in, texts_of
from rule_scenes import a_package, kept, scene_of

PROGRAMS = {
    f"usr/bin/{name}": "ELF" for name in ("sh", "bash", "rev", "tr", "uname", "convert", "date", "expr", "view", "echo")
}
MEDIA = a_package("deb", "media", ["usr/share/media/a.png", "usr/share/media/deep/b.png", "usr/share/dict/words"])
PROGRAMS["bin"] = "-> usr/bin"
PROGRAMS["usr/bin/vim"] = b"x" * (1 << 20)


def keeps(files, touched=(), **config):
    scene = scene_of({**PROGRAMS, **files}, touched, packages=[MEDIA], **config)
    return kept(scene, *mentions.RULES)


def programs(source, name="app/main.py"):
    return sorted(path.removeprefix("usr/bin/") for path in keeps({name: source}) if path.startswith("usr/bin/"))


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("app/a.py", "subprocess.run(['rev', 'x'])", ["rev"]),
        ("app/a.py", "import os\nos.system('rev x | tr a b')", ["rev", "sh", "tr"]),
        ("app/a.py", "import subprocess\nsubprocess.run(['sh', '-c', 'echo a | rev || echo no'])", ["rev", "sh"]),
        ("app/a.py", "import os\ncmd = ['convert', a]\nos.spawnv(0, cmd[0], cmd)", ["convert"]),
        ("app/a.py", "names = ['rev', 'tr']", []),
        (
            "app/a.js",
            "const {exec} = require('child_process'); exec('uname -s | tr a-z A-Z', f)",
            ["sh", "tr", "uname"],
        ),
        ("app/a.ts", "app.set('view engine', 'ejs'); /x/.exec(y)", []),
        ("app/a.ts", "import { execFile } from 'child_process';\napp.set('view engine', 'x')", []),
        ("app/a.rb", "get('/x') { `expr 6 '*' 7`.strip }", ["expr", "sh"]),
        ("app/a.php", "<?php echo shell_exec('rev ' . $x);", ["rev", "sh"]),
        ("app/a.pl", "my $x = qx(date); system('rev');", ["rev", "sh"]),
        ("src/A.java", 'new ProcessBuilder("rev", x).start();', ["rev"]),
        ("src/a.go", 'import "os/exec"\nexec.Command("/bin/sh", "-c", "rev x")', ["rev", "sh"]),
        ("src/a.go", 'log.Print("rev")', []),
        ("src/a.c", 'FILE *f = popen("date -u", "r");', ["date", "sh"]),
        ("src/a.rs", 'Command::new("rev").spawn()', ["rev"]),
        ("usr/lib/python3/dist-packages/x.py", "import os\nos.system('rev')", []),
    ],
)
def test_programs(name, source, found):
    assert programs(source, name) == found


def test_a_word_that_costs_much_must_be_called():
    assert programs("import os\nx = 'vim'\nos.system('date')\n") == ["date", "sh"]
    assert programs("import os\nos.system('vim')\n") == ["sh", "vim"]


DATA = {
    "usr/share/dict/words": "x",
    "usr/share/media/a.png": "x",
    "usr/share/media/deep/b.png": "x",
    "usr/local/lib/kvd/a.so": "x",
    "usr/local/lib/kvd/a.txt": "x",
    "srv/rules/default.yaml": "x",
}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("open('/usr/share/dict/words')", {"usr/share/dict/words"}),
        ("walk('/usr/share/media')", {"usr/share/media/a.png", "usr/share/media/deep/b.png"}),
        ("f'/usr/share/media/{name}.png'", {"usr/share/media/a.png"}),
        ("'/usr/local/lib/kvd/%s.so' % name", {"usr/local/lib/kvd/a.so"}),
        ("'file:///srv/rules/default.yaml'", {"srv/rules/default.yaml"}),
        ("walk('/usr/share')", set()),
        ("'/srv'", set()),
        ("'http://example.org/usr/share/dict/words'", set()),
        ("'/%s/%s'", set()),
    ],
)
def test_paths(source, found):
    assert {path for path in keeps({"app/main.py": source, **DATA}) if path in DATA} == found


def test_libraries_that_scripts_open():
    files = {
        "usr/lib/libmagic.so.1": "-> libmagic.so.1.0",
        "usr/lib/libmagic.so.1.0": "ELF",
        "usr/lib/libmagic.so": "-> libmagic.so.1.0",
        "usr/lib/libmagical.so.1": "ELF",
        "usr/lib/libcurl.so.4": "ELF",
        "usr/sbin/ldconfig": "ELF",
        "sbin": "-> usr/sbin",
        "app/a.py": "ctypes.CDLL(ctypes.util.find_library('magic'))",
        "app/b.rb": "module C; extend FFI::Library; ffi_lib 'libcurl.so.4'; end",
    }
    found = keeps(files, ["app/a.py"])
    assert {"usr/lib/libmagic.so.1", "usr/lib/libmagic.so.1.0", "usr/sbin/ldconfig"} <= found.keys()
    assert not {"usr/lib/libmagical.so.1", "usr/lib/libcurl.so.4", "usr/lib/libmagic.so"} & found.keys()
    assert "usr/lib/libcurl.so.4" in keeps(files, ["app/b.rb"])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import subprocess\nsubprocess.Popen(['convert', x])", True),
        ("import shutil\nshutil.which('convert')", True),
        ("import subprocess\nx = 'convert'", False),
        ("run('convert')", False),
    ],
)
def test_programs_that_libraries_wrap(source, found):
    path = "usr/lib/python3/dist-packages/wand/image.py"
    assert ("usr/bin/convert" in keeps({path: source}, [path])) is found
    assert "usr/bin/date" not in keeps({path: "import subprocess\nsubprocess.run(['date'])"}, [path])


def test_settings_that_stay_name_paths_but_no_programs():
    files = {"app/x.conf": "words /usr/share/dict/words; rev", **DATA}
    assert set(keeps(files, ["app/x.conf"])) == {"app/x.conf", "usr/share/dict/words"}
    assert not keeps(files)


def class_file(names, texts):
    pool = b"".join(b"\1" + struct.pack(">H", len(text)) + text.encode() for text in (*names, *texts))
    pool += b"".join(b"\x08" + struct.pack(">H", len(names) + 1 + number) for number in range(len(texts)))
    return b"\xca\xfe\xba\xbe\0\0\0\x37" + struct.pack(">H", len(names) + 2 * len(texts) + 1) + pool


def test_classes():
    data = class_file(["java/lang/ProcessBuilder", "expr"], ["rev", "/usr/share/dict/words"])
    assert texts_of_class(data).starts
    assert texts_of_class(data).others == {"rev", "/usr/share/dict/words"}
    assert texts_of_class(b"\xca\xfe\xba\xbe").others == frozenset()
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("A.class", data)
    flipped = damaged(compressed({"A.class": data}))
    jars = {"app/a.jar": jar.getvalue(), "app/b.jar": b"no zip", "app/c.jar": flipped}
    found = keeps({**jars, **DATA}, jars)
    assert {"usr/bin/rev", "usr/share/dict/words"} <= found.keys()
    assert "usr/bin/expr" not in found


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("ls -l", True),
        ("a | b", True),
        ("sort by name", False),
        ("file not found", False),
        ("word", False),
        ("select a, b from c where d > 1", True),
        ("cat x > y", True),
    ],
)
def test_commands(text, yes):
    assert looks_like_command(text) is yes


def test_paths_in_texts():
    assert list(paths_in("PATH=/a/b:/c/d x")) == ["/a/b", "/c/d"]
    assert list(paths_in("a/b/c")) == []
    assert list(paths_in("http://h/x /y/z.")) == ["/y/z"]


def test_a_great_source_is_read_in_time():
    source = "x = 'a' + \"b\"\nimport os\nos.system('" * 20_000
    assert texts_of(source, ".py").starts
