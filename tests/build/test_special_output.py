"""A pipe or a device that is named as the output is written to, and stays what it is."""

import errno
import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from provenance.build.embed import replacing

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")


def test_a_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with replacing(pipe) as stream:
        stream.write(b"signed")
        stream.seek(0)
        stream.write(b"S")
    reader.join(10)
    assert got == [b"Signed"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_full_device_is_named(tmp_path: Path) -> None:
    link = tmp_path / "full"
    link.symlink_to("/dev/full")
    if not link.is_char_device():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(OSError, match="No space left") as caught, replacing(link) as stream:
        stream.write(b"x")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(link))
    assert link.is_symlink()
