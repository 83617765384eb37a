"""The command as a process of its own, which may be killed with all that it has started."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["COMMAND", "children", "kill_all", "started"]

COMMAND = (sys.executable, "-c", "from provenance.cli import main; main()")


def started(*words: str, cwd: Path, **more: Any) -> "subprocess.Popen[bytes]":
    """The command, in a process group of its own."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [*COMMAND, *words], cwd=cwd, process_group=0, text=False, **(pipes | more)
    )


def children(pid: int) -> Sequence[int]:
    """The processes that a process has started, where the system tells (Linux)."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may hold anything, come state and parent.
            if int(place.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(place.parent.name))
    return found


def kill_all(process: "subprocess.Popen[bytes]") -> None:
    """As by `kill -9`, its workers too; they are in groups of their own."""
    process.send_signal(signal.SIGSTOP)  # so that it starts no more
    workers = children(process.pid)
    for one in (process.pid, *workers):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
