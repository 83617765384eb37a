"""One file on the web: by range where there are ranges, whole where it is small, else refused."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

import provenance
from provenance.batch.walk import is_walked, mark_of, spread
from provenance.digests import digest, digest_outside
from provenance.remote import web
from provenance.remote.blocks import BLOCK
from provenance.source import open_source
from provenance.validate.results import ErrorKind, ValidationState
from tests.batch.corpus import signed_picture
from tests.build.workshop import trust


class Server(BaseHTTPRequestHandler):
    """Gives one file; how, its class says."""

    data: ClassVar[bytes] = b""
    ranges: ClassVar[bool] = True
    lie: ClassVar[str] = ""
    version: ClassVar[str] = '"1"'
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        told = self.headers.get("Range", "")
        self.asked.append(told)
        data, status, said = self.data, 200, ""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", told)
        if self.path.partition("?")[0] != "/a.png":
            status, data = 404, b""
        elif wanted and self.ranges:
            start, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
            status, data = 206, data[start : last + 1]
            said = self.lie or f"bytes {start}-{last}/{len(self.data)}"
        self.send_response(status)
        if said:
            self.send_header("Content-Range", said)
        self.send_header("ETag", self.version)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass  # whoever asked has heard enough

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(data: bytes, **how: object) -> Iterator[tuple[str, type[Server]]]:
    kind = type("Kind", (Server,), {"data": data, "asked": [], **how})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/a.png", kind
        finally:
            server.shutdown()


LONG = bytes(range(256)) * (40 << 10)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_on_the_web_is_verified(ranges: bool) -> None:
    with serving(signed_picture(1), ranges=ranges) as (url, server):
        report = provenance.verify(f"{url}?query=1", trust=trust())
        assert report.state is ValidationState.TRUSTED
        assert report.asset.path == f"{url}?query=1"
        assert server.asked == [f"bytes=0-{BLOCK - 1}"]


def test_of_a_long_one_only_ranges_are_fetched() -> None:
    with serving(LONG) as (url, server), open_source(url) as source:
        assert source.size == len(LONG)
        assert source.read(5 << 20, 9) == LONG[5 << 20 :][:9]
        assert server.asked == [f"bytes=0-{BLOCK - 1}", f"bytes={5 << 20}-{(5 << 20) + BLOCK - 1}"]
        assert digest_outside(source, (), "sha256") == digest(LONG, "sha256")
        assert len(server.asked) == 5


def test_one_without_ranges_is_read_whole_if_it_is_not_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(LONG, ranges=False) as (url, server), open_source(url) as source:
        assert source.read(5 << 20, 9) == LONG[5 << 20 :][:9]
        assert len(server.asked) == 1
        monkeypatch.setattr(web, "_WHOLE", len(LONG) - 1)
        with pytest.raises(OSError, match="of which we read"):
            provenance.verify(url)


@pytest.mark.parametrize(
    "lie", ["bytes 1-262144/10485760", "bytes 0-9/20", "bytes */5", "words", ""]
)
def test_an_answer_to_another_question_is_an_error(lie: str) -> None:
    with serving(LONG, lie=lie) as (url, server):
        if not lie:
            with open_source(url) as source:
                source.read(0, 1)
                server.version = '"2"'
                with pytest.raises(OSError, match="changed while it was read"):
                    source.read(6 << 20, 1)
            return
        (report,) = provenance.verify_many([url])
        assert report.errors[0].kind is ErrorKind.IO


def test_what_is_not_there_is_one_report() -> None:
    with serving(b"x") as (url, _):
        (report,) = provenance.verify_many([url.replace("a.png", "b.png")])
        assert "answered 404" in report.errors[0].message


def test_the_web_has_no_folders_and_nothing_beside_a_file_is_asked_for() -> None:
    with serving(LONG) as (url, server):
        assert not is_walked(url)
        assert [one.path for one in spread([f"{url}?a=*"])] == [f"{url}?a=*"]
        assert not server.asked
        provenance.verify(url)
        assert len(server.asked) == 1
        mark = mark_of(url)
        assert mark is not None
        assert mark.size == len(LONG)
        server.version = '"2"'
        assert mark_of(url) != mark
