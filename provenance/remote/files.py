"""File systems that `fsspec` knows: what lies there, and ranges of it.

Where to find a service and how to sign in to it is for the driver's own settings: environment,
`~/.aws`, `~/.config/fsspec`. An address with a password in it is refused: it would be printed.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provenance.remote.address import RemoteFile, scheme_of, shown
from provenance.remote.errors import ForeignFiles

__all__ = ["Entry", "FileRanges", "entry", "globbed", "listed", "opened"]

_PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    "hf": "huggingface_hub",
    **dict.fromkeys(("abfs", "abfss", "adl", "az"), "adlfs"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    **dict.fromkeys(("hdfs", "arrow_hdfs"), "pyarrow"),
    **dict.fromkeys(("oci", "ocilake"), "ocifs"),
    "oss": "ossfs",
    "smb": "smbprotocol",
}
# What leads to another file system, to a program or to what stands in the address itself.
_LEADING_ON = frozenset(
    (
        *("blockcache", "cached", "dask", "data", "dir", "filecache", "generic", "jlab"),
        *("jupyter", "libarchive", "reference", "simplecache", "tar", "worker", "zip"),
    )
)
# By what one sees that the content of a file is another; the first that there is.
_VERSIONS = ("etag", "versionid", "generation", "md5hash", "content_md5", "blob_id", "sha", "oid")
_TIMES = ("lastmodified", "mtime", "last_modified", "modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file system says of a file or folder."""

    name: str  # without the folder
    folder: bool
    size: int | None  # bytes
    version: str  # another one when the content is; empty: it does not say
    modified_ns: int  # since 1970; 0: it does not say


def opened(url: str) -> tuple[Any, str]:
    """The driver of a file system, and how it calls a file.

    Raises:
        OSError: there is none, it is not installed, or the address has a password in it.
    """
    scheme = scheme_of(url)
    try:
        import fsspec
    except ImportError as error:
        told = "needs fsspec: pip install 'provenance-c2pa[remote]'"
        raise OSError(errno.ENOTSUP, told, url) from error
    if scheme in _LEADING_ON:
        raise OSError(errno.EINVAL, f"{scheme}:// is no file system of its own", url)
    if shown(url) != url:
        raise OSError(errno.EINVAL, "has a password in it, which would be shown", shown(url))
    try:
        driver = fsspec.get_filesystem_class(scheme)
    except ValueError as error:
        raise OSError(errno.EINVAL, f"no file system is known for {scheme}://", url) from error
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        told = f"needs {package}: pip install {package}" if package else str(error)
        raise OSError(errno.ENOTSUP, told, url) from error
    with ForeignFiles(url):
        # Not fsspec's own reading of addresses: to that "::" in a name is a chain.
        return driver(**driver._get_kwargs_from_urls(url)), str(driver._strip_protocol(url))


def entry(url: str) -> Entry | None:
    """What lies at an address; None when nothing does.

    Raises:
        OSError: the file system cannot be asked.
    """
    files, path = opened(url)
    with ForeignFiles(url):
        try:
            found = files.info(path)
        except FileNotFoundError:
            return None
    return _entry(found)


def listed(url: str) -> list[Entry]:
    """What lies in a folder, in order of name.

    Raises:
        OSError: it cannot be listed.
    """
    files, path = opened(url)
    with ForeignFiles(url):
        # Lists are kept by most drivers: as old ones, and all of them at once.
        files.invalidate_cache(path)
        found = files.ls(path, detail=True)
        files.invalidate_cache(path)
    here = path.rstrip("/")
    # Some stores have an entry that stands for the folder itself.
    rows = [_entry(one) for one in found if str(one["name"]).rstrip("/") != here]
    return sorted(rows, key=lambda one: one.name)


def globbed(url: str) -> list[str]:
    """The addresses that fit a pattern, in order.

    Raises:
        OSError: the file system cannot be asked.
    """
    files, path = opened(url)
    with ForeignFiles(url):
        found = sorted(map(str, files.glob(path)))
    lead = url[: len(url) - len(path)] if url.endswith(path) else f"{scheme_of(url)}://"
    return [lead + one for one in found]


def _entry(found: Mapping[str, Any]) -> Entry:
    known = {str(key).replace("-", "_").lower(): value for key, value in found.items()}
    size = known.get("size")
    modified = next((known[one] for one in _TIMES if known.get(one)), None)
    version = next((str(known[one]) for one in _VERSIONS if known.get(one)), "")
    return Entry(
        str(known["name"]).rstrip("/").rpartition("/")[2],
        known.get("type") == "directory",
        size if isinstance(size, int) else None,
        version or str(modified or ""),
        _nanoseconds(modified),
    )


def _nanoseconds(value: object) -> int:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return 0
    if isinstance(value, datetime):
        value = value.timestamp()
    return round(value * 1_000_000) * 1000 if isinstance(value, (int, float)) else 0


class FileRanges:
    """A file of such a file system. See `provenance.remote.source.Ranges`.

    Args:
        file: which; its size is asked for when it is not known.

    Raises:
        OSError: it cannot be read.
    """

    def __init__(self, file: RemoteFile) -> None:
        self.name = file.url
        self._files, self._path = opened(file.url)
        self.at_once = 2 if getattr(self._files, "async_impl", False) else 1
        size = file.size
        if size is None:
            with ForeignFiles(self.name):
                found = _entry(self._files.info(self._path))
            if found.folder:
                raise OSError(errno.EISDIR, "is a folder", self.name)
            size = found.size
        if size is None:
            raise OSError(errno.EINVAL, "is not a file of known size", self.name)
        self.size = size

    def fetch(self, start: int, end: int) -> bytes:
        """See `Ranges`."""
        with ForeignFiles(self.name):
            return bytes(self._files.cat_file(self._path, start=start, end=end))
