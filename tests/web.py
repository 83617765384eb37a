"""A web server on this machine, which answers as a test says."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Reply:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # what is promised, if not the truth; negative: nothing is


@dataclass(frozen=True)
class Asked:
    """What came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """The server's address, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


Answer = Callable[[Asked], Reply | None]


@contextmanager
def site(answer: Answer, *, credential: Path | None = None) -> Iterator[Site]:
    """A server while the context lasts; with a PEM of key and certificate it speaks TLS.

    An answer of None keeps the line open and says nothing, until the context ends.
    """
    over = threading.Event()
    held: list[Site] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            held[0].asked.append(asked)
            reply = answer(asked)
            if reply is None:
                over.wait(20)
                return
            self.send_response(reply.status)
            length = len(reply.body) if reply.length is None else reply.length
            if length >= 0:
                self.send_header("Content-Length", str(length))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:
                return  # whoever asked has heard enough

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # lines that break off
    scheme = "http"
    if credential is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(credential)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    held.append(Site(f"{scheme}://127.0.0.1:{server.server_address[1]}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield held[0]
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
