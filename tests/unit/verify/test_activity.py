"""Processor time of a process and of what it started."""

import os
import subprocess
import sys
import time

from lissom.verify.activity import processor_time

WORK = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"


def test_the_work_of_children_counts_while_they_live_and_after():
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK!r}])\nprint(flush=True)\ninput()\n"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert processor_time(process.pid) >= 0.2
        process.stdin.close()
    assert processor_time(process.pid) == 0


def test_who_waits_uses_nothing():
    with subprocess.Popen(["sleep", "60"]) as process:
        time.sleep(0.1)
        before = processor_time(process.pid)
        time.sleep(0.2)
        assert processor_time(process.pid) - before < 0.02
        process.kill()


def test_a_number_that_nobody_has():
    assert processor_time(0) == 0
    assert processor_time(os.getpid()) > 0
