"""Files put where `fsspec` leads: there whole when their name is there."""

from typing import Any, BinaryIO

from provenance.remote.address import scheme_of
from provenance.remote.errors import ForeignFiles
from provenance.remote.files import opened

__all__ = ["open_file", "put_file"]

# Stores in which a thing that is still being written has no name.
_WHOLE = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "oci", "memory"))


def put_file(local: str, url: str) -> None:
    """Copy a file of this machine to an address.

    Raises:
        OSError: it cannot be written.
    """
    files, path = opened(url)
    with ForeignFiles(url):
        if scheme_of(url) in _WHOLE:
            files.put_file(local, path)
            return
        folder, _, name = path.rpartition("/")
        files.makedirs(folder, exist_ok=True)
        files.put_file(local, f"{folder}/.{name}.tmp")
        files.mv(f"{folder}/.{name}.tmp", path)


def open_file(url: str) -> BinaryIO:
    """A stream for reading, by range.

    Raises:
        OSError: it cannot be read.
    """
    files, path = opened(url)
    with ForeignFiles(url):
        stream: Any = files.open(path, "rb")
        return stream  # type: ignore[no-any-return]  # of fsspec, which has no types
