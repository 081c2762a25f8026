"""What a spec may say, setting by setting, and how what it may not say is shown."""

import pytest

from lissom.distroless.spec.file import parse
from lissom.distroless.spec.spec import Account, Directory, File, Java, Wish
from lissom.errors import UsageError

READ = {
    "packages: [a1, a2=1.0-1+b2~x, {libc6: [libs, /etc/*]}, {libc6-dev=2.36: [/usr/include]}]": (
        "packages",
        (
            Wish("a1"),
            Wish("a2", "1.0-1+b2~x"),
            Wish("libc6", slices=("libs", "/etc/*")),
            Wish("libc6-dev", "2.36", ("/usr/include",)),
        ),
    ),
    "{packages: [a1], dependencies: false}": ("packages", (Wish("a1", dependencies=False),)),
    "snapshot: 20261101T000000Z": ("snapshot", "20261101T000000Z"),
    "snapshot: 20261101": ("snapshot", "20261101T000000Z"),
    "snapshot: 2026-11-01": ("snapshot", "20261101T000000Z"),
    "snapshot: 2026-11-01T12:30:00+02:00": ("snapshot", "20261101T103000Z"),
    "snapshot: '2026-11-01 12:30'": ("snapshot", "20261101T123000Z"),
    "sources: ['deb [signed-by=/k.gpg] https://archive.example/debian bookworm main']": (
        "sources",
        ("deb [signed-by=/k.gpg] https://archive.example/debian bookworm main",),
    ),
    "trim: []": ("trim", ()),
    "trim: [docs, gconv]": ("trim", ("docs", "gconv")),
    "{}": ("trim", None),
    "debug: true": ("debug", True),
    "java: {modules: [java.base, java.sql], compress: 2}": ("java", Java(("java.base", "java.sql"), 2)),
    "layers: 127": ("layers", 127),
    "env: {PORT: 8080, ON: yes, NONE: ''}": ("env", (("PORT", "8080"), ("ON", "yes"), ("NONE", ""))),
    "user: 65532:app": ("user", "65532:app"),
    "files: {/a: hi, /b: {text: yo, mode: '0600', uid: 1, gid: 2}}": (
        "files",
        (File("/a", b"hi"), File("/b", b"yo", 0o600, 1, 2)),
    ),
    "directories: {/a: 700, /b: {mode: '1777'}, /c: {uid: 5}}": (
        "directories",
        (Directory("/a", 0o700), Directory("/b", 0o1777), Directory("/c", uid=5)),
    ),
    "links: {/a: ../b}": ("links", (("/a", "../b"),)),
    "users: [{name: app, uid: 7, home: /home/app, shell: /bin/sh}, {name: www, uid: 8, gid: 9}]": (
        "users",
        (Account("app", 7, 7, "/home/app", "/bin/sh"), Account("www", 8, 9)),
    ),
    "users: [{name: app, uid: 7, groups: [www, data]}]": ("users", (Account("app", 7, 7, groups=("www", "data")),)),
    "groups: [{name: app, gid: 7}]": ("groups", (Account("app", 7, 7),)),
    "{cmd: &c [a, b], entrypoint: *c}": ("entrypoint", ("a", "b")),
    "env:\n  <<: {A: 1, B: 2}\n  B: 3\n": ("env", (("A", "1"), ("B", "3"))),
    "env:\n  <<: [{A: 1}, {A: 2, B: 2}]\n": ("env", (("A", "1"), ("B", "2"))),
}


@pytest.mark.parametrize("text", READ)
def test_settings_are_read(text):
    name, value = READ[text]
    assert getattr(parse(text, "x.yaml"), name) == value


ERRORS = {
    "an unknown setting": (
        "suite: bookworm\npackage: [a]\n",
        "x.yaml:2:1: unknown setting `package`\n 2 | package: [a]\n   | ^^^^^^^\nhint: did you mean `packages`?",
    ),
    "no list": ("packages: bash\n", "x.yaml:1:11: this is to be a list\n 1 | packages: bash\n   |           ^^^^"),
    "a bad bootstrap": (
        "bootstrap: big",
        "x.yaml:1:12: unknown bootstrap `big`\n 1 | bootstrap: big\n   |            ^^^\nhint: known: minbase, essential, none",
    ),
    "a path that leaves the root": (
        "files:\n  /etc/../../x: hi\n",
        "x.yaml:2:3: `/etc/../../x` is not a clean absolute path\n 2 |   /etc/../../x: hi\n   |   ^^^^^^^^^^^^",
    ),
}


@pytest.mark.parametrize("summary", ERRORS)
def test_errors_show_the_place(summary):
    text, message = ERRORS[summary]
    with pytest.raises(UsageError) as caught:
        parse(text, "x.yaml")
    assert caught.value.message == message


FAULTS = {
    "a setting said twice": ("cmd: [a]\ncmd: [b]\n", "2:1: `cmd` is there twice", "cmd", ""),
    "a package said twice": ("packages: [curl, curl=1]", "1:18: package `curl` is there twice", "curl=1", ""),
    "no package": (
        "packages: [Curl]",
        "1:12: cannot use package `Curl`: it is neither NAME nor NAME=VERSION",
        "Curl",
        "",
    ),
    "a package that is not to be there": (
        "{packages: [a1], without: [a1]}",
        "1:27: package `a1` is in `packages` too",
        "[a1]",
        "",
    ),
    "two packages in one item": (
        "packages:\n- {a1: [/x], a2: [/x]}",
        "2:3: this is to be one package and its slices",
        "{a1: [/x], a2: [/x]}",
        "each package is an item of its own",
    ),
    "no slices": ("packages: [{a1: []}]", "1:17: no slice is named", "[]", "the whole package is `- a1`"),
    "an unknown slice": ("packages: [{libc6: [lib]}]", "1:21: unknown slice `lib`", "lib", "did you mean `libs`?"),
    "a slice of a package without any": (
        "packages: [{hello: [bins]}]",
        "1:21: unknown slice `bins`: lissom has none of `hello`",
        "bins",
        "globs of its paths do, such as /usr/bin/*",
    ),
    "an unknown trim": ("trim: [doc]", "1:8: unknown kind of files `doc`", "doc", "did you mean `docs`?"),
    "a glob without a slash": (
        "exclude: [usr/lib/*]",
        "1:11: `usr/lib/*` is not a glob of absolute paths",
        "usr/lib/*",
        "",
    ),
    "no moment": (
        "snapshot: tomorrow",
        "1:11: `tomorrow` is no moment",
        "tomorrow",
        "such as 20261101T000000Z or 2026-11-01",
    ),
    "a moment before Debian": (
        "snapshot: 0001-01-01T00:00:00+12:00",
        "1:11: `0001-01-01T00:00:00+12:00` is no moment",
        "0001-01-01T00:00:00+12:00",
        "such as 20261101T000000Z or 2026-11-01",
    ),
    "a source of sources": (
        "sources: [deb-src https://archive.example/debian bookworm main]",
        (
            "1:11: cannot use source `deb-src https://archive.example/debian bookworm main`: "
            "it is not of the form `deb [options] URI SUITE COMPONENT…`"
        ),
        "deb-src https://archive.example/debian bookworm main",
        "an example: deb [signed-by=/etc/apt/keyrings/x.gpg] https://archive.example/debian bookworm main",
    ),
    "too many layers": ("layers: 128", "1:9: `128` is not a number from 1 to 127", "128", ""),
    "neither true nor false": ("debug: yes", "1:8: `yes` is not true or false", "yes", ""),
    "no mode": (
        "directories: {/a: 0o888}",
        "1:19: `0o888` is not a mode such as 755",
        "0o888",
        "octal digits from 0 to 7777",
    ),
    "a file without content": (
        "files: {/a: {mode: 600}}",
        "1:13: this is to have either `text` or `source`",
        "{mode: 600}",
        "",
    ),
    "a missing value": ("user:\n", "1:6: a value is missing", "", 'an empty text is written as ""'),
    "no name of an image": (
        "name: App",
        "1:7: cannot read image reference `App`: repository name must be lowercase",
        "App",
        "write `app`",
    ),
    "a user without a number": ("users: [{name: app}]", "1:9: `uid` is missing", "{name: app}", ""),
    "a home that breaks passwd": (
        'users: [{name: app, uid: 1, home: "/x:y"}]',
        "1:35: `/x:y` is not a path",
        '"/x:y"',
        "",
    ),
    "a name with an equals sign": ("env: {A=B: c}", "1:7: `A=B` is not a name", "A=B", ""),
    "a tag": (
        "user: !!python/object:os.system x",
        "1:7: the tag `python/object:os.system` has no meaning here",
        "!!python/object:os.system x",
        "",
    ),
    "a value that holds itself": ("packages: &a [*a]", "1:11: this holds itself", "&a [*a]", ""),
    "another document": ("name: a\n---\nname: b\n", "2:1: cannot read this YAML: but found another document", "-", ""),
    "no map": ("- a\n", "1:1: this is to be a map of settings", "- a", ""),
    "nothing": ("# later\n", "1:1: cannot read this file: nothing is in it", "#", ""),
    "a half of a character": ('user: "\\ud800"', "1:7: a character of this is not allowed", '"\\ud800"', ""),
}


@pytest.mark.parametrize("summary", FAULTS)
def test_faults_are_marked_and_explained(summary):
    text, message, marked, hint = FAULTS[summary]
    with pytest.raises(UsageError) as caught:
        parse(text, "x.yaml")
    first, excerpt, carets, *hints = caught.value.message.splitlines()
    assert first == f"x.yaml:{message}"
    assert excerpt[carets.index("^") :][: carets.count("^")] == marked
    assert hints == ([f"hint: {hint}"] if hint else [])


BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10) if n else 'x'}]\n" for n in range(9))
HOSTILE = {
    "aliases that multiply": (BOMB, "this stands for more than 100000 values"),
    "a thousand lists in one another": ("a: " + "[" * 1000 + "]" * 1000, "it is nested too deep"),
    "a control character": ("user: a\x07b", "this character is not allowed"),
    "no character at all": (r'user: "\UFFFFFFFF"', "an escape in it stands for no character"),
    "a long text": ("# " + "x" * (1 << 20), "it is longer than 1048576 characters"),
}


@pytest.mark.parametrize("summary", HOSTILE)
def test_hostile_texts_are_refused(summary):
    text, message = HOSTILE[summary]
    with pytest.raises(UsageError, match=message):
        parse(text, "x.yaml")
