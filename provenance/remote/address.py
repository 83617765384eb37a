"""Addresses of files: `s3://bucket/pictures/a.jpg`.

Whatever begins as an address is one, be there a local file of that name or not: what is read must
not depend on what lies about. Such a local file is named `./s3:/…`.
"""

import os
import re
from dataclasses import dataclass
from typing import TypeGuard

__all__ = ["RemoteFile", "absolute", "is_address", "is_web", "join", "scheme_of", "split"]
__all__ += ["shown", "suffix_of"]

# Two letters at least: one is a drive.
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://")
_BEGINS = re.compile(r"[a-z][a-z0-9+.-]+:/")
_SECRET = re.compile(r"([a-z][a-z0-9+.-]+://[^/@:]*):[^/]*@")
_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file somewhere, and what is known of it from the list of its folder."""

    url: str
    size: int | None = None  # bytes; None: not known
    beside: str | None = None  # the address of its sidecar; "": it has none; None: not known
    seen: float = 0.0  # when that was so, in seconds since 1970

    def __str__(self) -> str:
        return self.url


def is_address(asset: object) -> TypeGuard[str]:
    """Is it a text that begins as an address does?"""
    return isinstance(asset, str) and _ADDRESS.match(asset) is not None


def shown(path: str) -> str:
    """A path as it may be shown: without the password of an address, which is refused."""
    return _SECRET.sub(r"\1:…@", path, count=1) if is_address(path) else path


def scheme_of(url: str) -> str:
    """What stands before `://`."""
    return url.partition("://")[0]


def is_web(url: str) -> bool:
    """Is it one file on the web, which has no folders that could be listed?"""
    return scheme_of(url) in _WEB


def suffix_of(url: str) -> str:
    """The suffix of a name, lower case; on the web without the query."""
    path = url.partition("?")[0] if is_web(url) else url
    return os.path.splitext(path.rpartition("/")[2])[1].lower()


def absolute(path: str) -> str:
    """A path from the root on; an address is one already."""
    if not is_address(path):
        return os.path.abspath(path)
    head, mark, rest = path.partition("://")
    return f"{head}{mark}{rest.rstrip('/')}"


def split(path: str) -> tuple[str, str]:
    """The folder of a file, and its name; `path` is absolute."""
    if not is_address(path):
        return os.path.split(path)
    folder, _, name = path.rpartition("/")
    return folder, name


def join(folder: str, name: str) -> str:
    """What was `split`."""
    return f"{folder}/{name}" if _BEGINS.match(folder) else os.path.join(folder, name)
