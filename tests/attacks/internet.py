"""Places on the web for the forgeries: a server on this machine that outlives them all."""

import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from provenance.fetch import Door

OPEN = Door(plain=True, private=True, seconds=5)
NOWHERE = "http://127.0.0.1:1/nothing"  # nobody listens there

_NUMBERS = count()
_PLACES: dict[str, tuple[bytes, str]] = {}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, kind = _PLACES.get(self.path, (b"", ""))
        self.send_response(200 if self.path in _PLACES else 404)
        self.send_header("Content-Length", str(len(body)))
        if kind:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@lru_cache(maxsize=1)
def _server() -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def address() -> str:
    """A new place, where nothing lies yet."""
    return f"http://127.0.0.1:{_server().server_address[1]}/{next(_NUMBERS)}"


def put(data: bytes, kind: str = "application/jumbf", at: str | None = None) -> str:
    """Lay something down, and say where.

    Args:
        data: what lies there.
        kind: its media type; empty: the server says none.
        at: a place that was asked for before.
    """
    where = at or address()
    _PLACES["/" + where.rpartition("/")[2]] = (data, kind)
    return where
