import threading
import time

import pytest

from lissom.errors import RegistryError
from lissom.registry.wire.pauses import Pauses


def test_a_pause_is_as_long_as_it_says():
    start = time.monotonic()
    Pauses().sleep(0.05)
    assert time.monotonic() - start >= 0.05


def test_pauses_that_are_broken_off_end_at_once_and_later_ones_do_not():
    pauses, caught = Pauses(), []

    def wait():
        with pytest.raises(RegistryError, match="the transfer was stopped") as error:
            pauses.sleep(60)
        caught.append(error.value.temporary)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        pauses.break_off()
        time.sleep(0.01)
    assert caught == [False] * 3
    pauses.sleep(0.01)
