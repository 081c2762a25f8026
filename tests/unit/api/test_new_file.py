"""Files that people name."""

import os
import stat
import threading

import pytest

from lissom.api.new_file import new_file


def write(path, data):
    with new_file(path) as file:
        file.write(data)


def test_it_is_there_once_it_is_whole(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with new_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError):
        write(path, "half of it is no text")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("data/a")
    (tmp_path / "data").mkdir()
    for content in (b"first", b"second"):
        write(link, content)
        assert link.is_symlink()
        assert (tmp_path / "data/a").read_bytes() == content
    assert os.listdir(tmp_path / "data") == ["a"]


def test_a_pipe_stays_a_pipe(tmp_path):
    """So do devices: a file in the place of /dev/null would be the end of much."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through")
    reader.join(10)
    assert found == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]
