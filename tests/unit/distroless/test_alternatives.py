import os
import subprocess

import pytest

from lissom.distroless.tree.alternatives import Alternative, offered
from lissom.distroless.tree.shell_script import commands
from unit.distroless.fake_debs import assembled, deb

SCRIPTS = {
    "as debhelper writes it": """\
#!/bin/sh
set -e
# Automatically added; don't edit
if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ]; then
    update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \\
        --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz \\
        --slave /usr/bin/nawk nawk /usr/bin/mawk
fi
""",
    "in loops over variables": """\
#!/bin/sh
base=/usr/lib/jvm/java-17
tools='java keytool'
priority=1711
case "$1" in
configure)
    if [ "$more" = "it's" ]; then
        priority=$(expr $priority - 1)
    fi
    for i in $tools; do
        unset slave || true
        if [ -e / ]; then
            slave="--slave \\
                /usr/share/man/man1/$i.1.gz \\
                ${i}.1.gz \\
                $base/man/man1/$i.1.gz"
        fi
        update-alternatives \\
            --quiet --install \\
            /usr/bin/$i \\
            "$i" \\
            $base/bin/$i \\
            $priority \\
            $slave $nothing
    done
    for a in x y; do for b in 1 2; do update-alternatives --install /usr/bin/$a$b $a$b /opt/$a/$b -10; done; done
    cat > /dev/null <<EOF
don't read this: update-alternatives --install /a a /b 1
EOF
    ;;
esac
""",
    "none": "#!/bin/sh\n# update-alternatives --install /usr/bin/a a /usr/bin/b 50\nupdate-alternatives --remove a /usr/bin/b\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_script_says_is_what_a_shell_would_do(tmp_path, name):
    (tmp_path / "postinst").write_text(SCRIPTS[name])
    stub = tmp_path / "update-alternatives"
    stub.write_text('#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done >> "$LOG"; echo END >> "$LOG"\n')
    stub.chmod(0o755)
    log = tmp_path / "log"
    log.write_text("")
    paths = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["sh", str(tmp_path / "postinst"), "configure"], env={"PATH": paths, "LOG": str(log)}, check=True)
    calls = [call.split("\n") for call in log.read_text().removesuffix("END\n").split("\nEND\n") if "--install" in call]
    found, whole = offered(SCRIPTS[name])
    assert whole
    assert [as_words(one) for one in found] == [
        list(filter(None, call[call.index("--install") + 1 :])) for call in calls
    ]


def as_words(one):
    slaves = [word for slave in one.slaves for word in ("--slave", *slave)]
    return [one.link, one.name, one.path, str(one.priority), *slaves]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("f() { update-alternatives --install $1 $2 $3 50; }\nf /usr/bin/a a /usr/bin/b\n", []),
        ("update-alternatives --install /usr/bin/a a $(which b) 50\n", []),
        ("update-alternatives --install /usr/bin/../../x a /usr/bin/b 50\n", []),
        ("update-alternatives --install /usr/bin/a ../../x /usr/bin/b 50\n", []),
        (
            "update-alternatives --install /usr/bin/a a /usr/bin/b 5 $(for x in c; do s $x; done)\n",
            [Alternative("/usr/bin/a", "a", "/usr/bin/b", 5)],
        ),
    ],
)
def test_what_only_a_shell_could_tell_is_not_guessed(script, found):
    assert offered(script) == (found, False)


def test_loops_without_end_come_to_one():
    deep = "for a in 1 2 3 4 5 6 7 8 9; do " * 30 + "update-alternatives --install /a a /b 1"
    found, _ = offered(deep)
    assert len(found) < 20_000


def test_the_best_that_is_there_gets_the_name(tmp_path):
    def offer(name, priority):
        script = (
            f"update-alternatives --install /bin/awk awk /usr/bin/{name} {priority} "
            f"--slave /usr/bin/nawk nawk /usr/bin/{name} --slave /usr/share/man/awk.1 awk.1 /usr/share/man/{name}.1\n"
        )
        return {"postinst": script}

    debs = [
        deb(tmp_path, "gawk", {"usr/bin/gawk": b"g"}, offer("gawk", 10)),
        deb(tmp_path, "mawk", {"usr/bin/mawk": b"m"}, offer("mawk", 5)),
        deb(tmp_path, "none", {}, offer("none", 99)),
    ]
    made = assembled(tmp_path, *debs)
    assert made.entries["usr/bin/awk"].link == "/etc/alternatives/awk"
    assert made.entries["etc/alternatives/awk"].link == "/usr/bin/gawk"
    assert made.entries["etc/alternatives/nawk"].link == "/usr/bin/gawk"
    assert "etc/alternatives/awk.1" not in made.entries


def test_a_script_that_is_not_understood_is_told(tmp_path):
    told = []
    script = "update-alternatives --install /usr/bin/a a $(which b) 50\n"
    assembled(tmp_path, deb(tmp_path, "a", {}, {"postinst": script}), listener=told.append)
    assert [event.message for event in told] == ["cannot read all alternatives of `a`: its script computes them"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            'a="it\'s $b"; b=1; say "$a" \'$b\' "\'$b\'" "\\$b" x\\ y "x\\\ny" z\\\nz',
            ["it's ", "$b", "'1'", "$b", "x y", "xy", "zz"],
        ),
        ("say ${b}x $b-y ${b:-z} `date` $1", ["x", "-y", None, None, None]),
        ("say 'a b' a'b'c \"\" ''", ["a b", "abc", "", ""]),
        ("say 'open", [None]),
    ],
)
def test_words_are_a_shells(script, words):
    *_, found = commands(script)
    assert found[1:] == words
