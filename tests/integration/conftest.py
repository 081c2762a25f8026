"""What the integration tests share: a docker daemon, base images, a store that has them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fault_proxy import FaultProxy, proxies
from oracle import bases, corpus, engine
from oracle.builders import lissom_command
from oracle.ready import Ready
from ordinary import MissingError, Ordinary, ordinary


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lissom")
    group.addoption(
        "--record", action="store_true", help="record the expectations of the differential suite with docker"
    )
    group.addoption("--as-user", metavar="NAME", help="the ordinary user with subordinate ids to run as, not a new one")
    group.addoption("--keep-work", action="store_true", help="keep the store and layouts of the differential suite")


@pytest.fixture(scope="session")
def base_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A docker-archive with the suite's base images."""
    if bases.busybox() is None:
        pytest.skip("busybox-static is not installed")
    path = tmp_path_factory.mktemp("bases") / "bases.tar"
    bases.write_docker_archive(path, bases.bases())
    return path


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory, base_archive: Path) -> Iterator[engine.Docker]:
    """A docker daemon of our own that knows the base images."""
    reason = engine.missing()
    if reason:
        pytest.skip(reason)
    with engine.daemon(tmp_path_factory.mktemp("docker")) as docker:
        docker.check("load", "-i", str(base_archive))
        yield docker


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, base_archive: Path) -> Path:
    """A store of lissom's that holds the base images; one for each worker."""
    root = tmp_path_factory.mktemp("lissom") / "store"
    subprocess.run(
        [*lissom_command(), "--root", str(root), "load", "-i", str(base_archive)], check=True, capture_output=True
    )
    return root


@pytest.fixture(scope="session", name="corpus")
def _corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[corpus.Corpus]:
    """The corpus's bases in a registry, and a store that its apps are built in, each once."""
    with corpus.serving(tmp_path_factory.mktemp("corpus")) as found:
        yield found


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """Ready images of ``lissom distroless`` with programs in them, each made once."""
    return Ready(tmp_path_factory.mktemp("ready"))


@pytest.fixture(scope="session")
def mapped(request: pytest.FixtureRequest) -> Iterator[Ordinary]:
    """An ordinary user with subordinate ids."""
    yield from _user(ranges=True, name=request.config.getoption("--as-user"))


@pytest.fixture(scope="session")
def lone() -> Iterator[Ordinary]:
    """An ordinary user without subordinate ids."""
    yield from _user(ranges=False, name=None)


def _user(*, ranges: bool, name: str | None) -> Iterator[Ordinary]:
    try:
        with ordinary(ranges=ranges, name=name) as user:
            tried = user.run("unshare", "-Ur", "true")
            if tried.returncode:
                pytest.skip(f"ordinary users may not make user namespaces: {tried.stderr.decode().strip()}")
            yield user
    except MissingError as missing:
        pytest.skip(str(missing))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The differential suite's score by group, and the sizes of slimmed apps."""
    _show_sizes(terminalreporter)
    score: dict[str, list[int]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if "test_differential.py::test_same_as" in report.nodeid and report.when == "call":
                group = report.nodeid.split("[")[1].split("-")[0]
                counted = score.setdefault(group, [0, 0])
                counted[0] += outcome == "passed"
                counted[1] += 1
    if score:
        terminalreporter.section("same as docker, by group")
        total = [sum(column) for column in zip(*score.values(), strict=True)]
        words = [f"{group} {good}/{of}" for group, (good, of) in sorted(score.items())]
        terminalreporter.write_line(f"{', '.join(words)}; all {total[0]}/{total[1]}")


def _show_sizes(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for word in ("passed", "failed") for report in terminalreporter.getreports(word)]
    rows = [value for report in reports for name, value in report.user_properties if name == "slim"]
    if rows:
        terminalreporter.section("slimmed apps")
        terminalreporter.write_line(f"{'app':<20}{'level':<8}{'MB':>18}{'compressed':>18}{'seconds':>9}")
    for app, level, *sizes, seconds in sorted(rows):
        before, after, packed_before, packed_after = (size / 1e6 for size in sizes)
        unpacked, packed = f"{before:.1f} → {after:.1f}", f"{packed_before:.1f} → {packed_after:.1f}"
        terminalreporter.write_line(f"{app:<20}{level:<8}{unpacked:>18}{packed:>18}{seconds:>9.1f}")


@pytest.fixture
def proxy(registry: str) -> Iterator[FaultProxy]:
    """What breaks the way to the registry of a file's tests, as each of them wants it."""
    with proxies(registry) as (made,):
        yield made
