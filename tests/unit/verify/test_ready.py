"""When an instance is ready: a container that is only pretended."""

from types import SimpleNamespace

import pytest

from lissom.verify import ready
from lissom.verify.answer import Answer, Body
from lissom.verify.login import Login
from lissom.verify.probe import Instance
from lissom.verify.ready import NotReadyError, wait_ready

LOGIN = Login("shop", "s3cret", "shop")


class Pretended:
    """Listens on 5432; its log is empty."""

    alive = True
    log = SimpleNamespace(tail=lambda: "", size=0)

    def ports(self):
        return frozenset({5432})

    def connect(self, port, timeout):
        return (port, timeout)

    def wait(self, seconds):
        return False


@pytest.fixture
def answers(monkeypatch):
    """What ``select 1`` gives, one after another; the last again and again."""
    given: list[Answer | OSError] = []

    def pretend(opened, login, sql, *, timeout):
        assert (opened[0], login, sql) == (5432, LOGIN, "select 1")
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(ready, "ask_postgres", pretend)
    return given


def wait(seconds=5.0):
    instance = Instance(ready="pg", login=LOGIN, ready_timeout=seconds)
    return wait_ready(Pretended(), instance, frozenset({5432}), needs="")


def test_postgresql_is_ready_when_it_selects(answers):
    answers += [ConnectionRefusedError(111, "Connection refused"), Answer(1, body=Body(b"starting up")), Answer(0)]
    assert wait().port == 5432
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(1, body=Body(b"role does not exist")), "it answers `select 1` with an error: role does not exist"),
        (ConnectionRefusedError(111, "Connection refused"), "it does not answer `select 1`: Connection refused"),
        (OSError("it is too long"), "it does not answer `select 1`: it is too long"),
    ],
)
def test_postgresql_that_never_selects(answers, answer, cause):
    answers.append(answer)
    with pytest.raises(NotReadyError) as caught:
        wait(0)
    assert caught.value.message.startswith(f"cannot probe `default`: it was not ready after 0 s: {cause}")
