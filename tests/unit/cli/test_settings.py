"""The file that --config names, and who beats whom."""

from pathlib import Path

import pytest

from lissom.cli.session import Session
from lissom.cli.settings import Settings, read_settings
from lissom.errors import UsageError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lissom.toml"
    path.write_text(text)
    return path


def test_all_keys(tmp_path: Path) -> None:
    text = 'root = "/r"\nprogress = "plain"\nauthfile = "a"\nca-file = "c"\ninsecure-registries = ["x:1"]\n'
    assert read_settings(written(tmp_path, text)) == Settings("/r", "plain", "a", "c", ("x:1",))


def test_keys_of_registries(tmp_path: Path) -> None:
    text = (
        "mirrors-only = true\nconnect-deadline = 3\nstall-deadline = 1.5\nlongest-wait = 600\nattempts = 9\n"
        '[mirrors]\n"docker.io" = ["https://a.example", "b.example"]\n"ghcr.io/team" = "c.example"\n'
    )
    mirrors = {"docker.io": ("https://a.example", "b.example"), "ghcr.io/team": ("c.example",)}
    assert read_settings(written(tmp_path, text)) == Settings(
        mirrors=mirrors, mirrors_only=True, connect_deadline=3, stall_deadline=1.5, longest_wait=600, attempts=9
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rot = 'x'", "there is no `rot`"),
        ("root = 3", "`root` is not a text"),
        ("insecure-registries = 'x'", "`insecure-registries` is not a list of texts"),
        ("root = ", "Invalid value"),
        ("mirrors = ['x']", "`mirrors` is not a table of mirrors"),
        ("mirrors = {'a.example' = 3}", "`mirrors.a.example` is not a list of texts"),
        ("mirrors-only = 1", "`mirrors-only` is not true or false"),
        ("connect-deadline = 0", "`connect-deadline` is not a number of seconds"),
        ("stall-deadline = true", "`stall-deadline` is not a number of seconds"),
        ("longest-wait = nan", "`longest-wait` is not a number of seconds"),
        ("attempts = 1.5", "`attempts` is not a number from 1 to 100"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_settings(written(tmp_path, text))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_settings(tmp_path / "nothing")


def test_flags_beat_the_environment_beats_the_file(tmp_path: Path) -> None:
    config = str(written(tmp_path, 'root = "/file"\nprogress = "json"\n'))

    def root(flag: str | None, **environment: str) -> str:
        return str(Session.of(environment, root=flag, config=config, progress=None, verbose=0).root)

    assert root("/flag", LISSOM_ROOT="/environment") == "/flag"
    assert root(None, LISSOM_ROOT="/environment") == "/environment"
    assert root(None) == "/file"
    assert Session.of({}, root=None, config=config, progress=None, verbose=0).progress == "json"
