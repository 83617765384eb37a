"""Messages between processes over pipes: a length, then that many bytes of pickle."""

import pickle
import struct
from typing import Any, BinaryIO

__all__ = ["receive", "send"]

_LENGTH = struct.Struct("<Q")


def send(pipe: BinaryIO, message: Any) -> None:
    """Write one message.

    Raises:
        OSError: the other side has gone.
    """
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:
    """The next message, from a process of our own.

    Raises:
        EOFError: there is none, or only a part of it: the other side has gone.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # noqa: S301  # what we, or a process that we started, wrote
