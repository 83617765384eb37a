"""The only door to the network; shut unless somebody asks for it by hand.

    Door().get("https://example.com/list.json")

https only, unless a door is for messages that carry their own signature (OCSP, time stamps). A
host may not lie on this machine or in a private network: an address in a file must not make us
speak to a neighbour. Every address is looked at before it is spoken to, also after a redirect, and
spoken to itself, so that a name cannot lead elsewhere the second time. Size and time are bounded.
Proxies, cookies and passwords are none of ours.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

from provenance.errors import ProvenanceError
from provenance.version import NAME, VERSION

__all__ = ["Door", "FetchError", "Fetched"]

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS = 3
_BLOCK = 1 << 16  # bytes
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in the clothes of an IPv6 one
_PORTS = {"https": 443, "http": 80}


class FetchError(ProvenanceError):
    """Something could not be fetched: refused by us, not reached, or not answered as hoped."""


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    headers: dict[str, str] = field(repr=False)  # one may be a password
    body: bytes | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lay at an address, and what its server calls it."""

    data: bytes
    media_type: str  # lower case, without parameters; empty: the server did not say
    part: str = ""  # `Content-Range`, if it is not all that lies there
    version: str = ""  # another one when what lies there is; empty: the server did not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How far out one may go."""

    seconds: float = 10.0  # for all of it, but for the look-up of the name
    max_bytes: int = 4 << 20  # of an answer
    plain: bool = False  # http too, for what carries its own signature
    private: bool = False  # hosts on this machine and in private networks
    certificates: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's

    def get(self, url: str, *, accept: str = "*/*") -> bytes:
        """Fetch what lies at an address, along at most three redirects.

        Raises:
            FetchError: refused, not reached, or not answered with 200.
        """
        return self._fetch(_Request(url, {"Accept": accept})).data

    def retrieve(self, url: str, *, accept: str = "*/*") -> Fetched:
        """As `get`, with the media type that the server gives.

        Raises:
            FetchError: refused, not reached, or not answered with 200.
        """
        return self._fetch(_Request(url, {"Accept": accept}))

    def part(self, url: str, start: int, end: int) -> Fetched:
        """The bytes from `start` to before `end`; all there are, if the server gives no parts.

        Raises:
            FetchError: refused, not reached, or not answered with 200 or 206.
        """
        return self._fetch(_Request(url, {"Accept": "*/*", "Range": f"bytes={start}-{end - 1}"}))

    def post(self, url: str, body: bytes, *, content_type: str, accept: str = "*/*") -> bytes:
        """Send something and fetch the answer. A redirect is no answer.

        Raises:
            FetchError: refused, not reached, or not answered with 200.
        """
        return self.send(url, body, content_type=content_type, accept=accept).data

    def send(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        accept: str = "*/*",
        bearer: str | None = None,
    ) -> Fetched:
        """As `post`, with the media type of the answer.

        Args:
            url: where to.
            body: what is sent.
            content_type: its media type.
            accept: that of the answer.
            bearer: a token that says who asks (RFC 6750). No message shows it.

        Raises:
            FetchError: refused, not reached, or not answered with 200.
        """
        headers = {"Accept": accept, "Content-Type": content_type}
        if bearer is not None:
            if not bearer or not all("!" <= one <= "~" for one in bearer):
                raise FetchError(_short(url), "is not asked: the token is empty, or no token")
            headers["Authorization"] = f"Bearer {bearer}"
        return self._fetch(_Request(url, headers, body))

    def _fetch(self, request: _Request) -> Fetched:
        url, deadline = request.url, monotonic() + self.seconds
        for _ in range(_MAX_REDIRECTS + 1):
            parts = self._checked(url, request.url)
            with (
                self._connected(parts, deadline) as connection,
                _ask(connection, parts, request) as answer,
            ):
                if answer.status in _REDIRECTS and request.body is None:
                    url = urljoin(url, answer.headers.get("Location", ""))
                    continue
                found = self._read(answer, url, part="Range" in request.headers)
            if monotonic() >= deadline:  # we hung up, and what came may be a part
                raise self._late(_short(url))
            return found
        raise FetchError(_short(request.url), f"leads on more than {_MAX_REDIRECTS} times")

    def _checked(self, url: str, first: str) -> SplitResult:
        """The parts of an address that we may speak to."""
        name = _short(url)
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise FetchError(name, "is no address") from error
        allowed = ("https", "http") if self.plain else ("https",)
        if parts.scheme not in allowed:
            raise FetchError(name, f"is not {' or '.join(allowed)}")
        if parts.scheme == "http" and first.lower().startswith("https:"):
            raise FetchError(_short(first), "leads from https to http")
        if not parts.hostname or not all(" " < one < "\x7f" for one in url):
            raise FetchError(name, "is no address")
        if parts.username is not None or parts.password is not None:
            raise FetchError(name, "holds a password or a user's name")
        return parts

    @contextmanager
    def _connected(self, parts: SplitResult, deadline: float) -> Iterator[HTTPConnection]:
        """A connection that ends by itself when the time is over."""
        name, host = _short(parts.geturl()), parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        left = deadline - monotonic()
        if left <= 0:
            raise self._late(name)
        line = self._open(name, host, port, left)
        if parts.scheme == "https":
            context = self.certificates or ssl.create_default_context()
            line = context.wrap_socket(
                line,
                server_hostname=host,
                do_handshake_on_connect=False,
                suppress_ragged_eofs=False,  # an answer that was cut off is none
            )
        connection = HTTPConnection(host, port)
        connection.sock = line
        watch = Timer(deadline - monotonic(), _hang_up, (line,))
        watch.daemon = True
        watch.start()
        try:
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            yield connection
        except (OSError, HTTPException, ValueError) as error:
            if monotonic() >= deadline:
                raise self._late(name) from error
            raise FetchError(name, f"cannot be fetched ({_reason(error)})") from error
        finally:
            watch.cancel()
            connection.close()
            line.close()

    def _late(self, name: str) -> FetchError:
        return FetchError(name, f"no answer within {self.seconds:g} seconds")

    def _open(self, name: str, host: str, port: int, seconds: float) -> socket.socket:
        """Connect to the first address of a host that answers, if we may speak to all of them."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchError(name, f"the host is not known ({_reason(error)})") from error
        hosts = dict.fromkeys(str(one[4][0]) for one in found)
        for one in hosts:
            if not self.private and _is_private(one):
                raise FetchError(
                    name, f"the host is {one}, in a private network or on this machine"
                )
        problem: OSError = OSError("no address")
        for one in hosts:
            try:
                return socket.create_connection((one, port), timeout=seconds)
            except OSError as error:
                problem = error
        raise FetchError(name, f"cannot be reached ({_reason(problem)})") from problem

    def _read(self, answer: HTTPResponse, url: str, *, part: bool) -> Fetched:
        name = _short(url)
        if answer.status != 200 and not (part and answer.status == 206):
            raise FetchError(name, f"answered {answer.status} {answer.reason[:60]}")
        if answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise FetchError(name, "answered in a compressed form that was not asked for")
        promised = answer.length
        if promised is not None and promised > self.max_bytes:
            raise FetchError(name, f"{promised} bytes, of which we read {self.max_bytes}")
        blocks: list[bytes] = []
        total = 0
        while block := answer.read1(_BLOCK):
            blocks.append(block)
            total += len(block)
            if total > self.max_bytes:
                raise FetchError(name, f"more than {self.max_bytes} bytes")
        if promised is not None and total < promised:
            raise FetchError(name, f"{total} bytes of {promised} came")
        told = answer.headers.get("Content-Type", "")
        return Fetched(
            b"".join(blocks),
            told.partition(";")[0].strip().lower(),
            answer.headers.get("Content-Range", "").strip() if answer.status == 206 else "",
            str(answer.headers.get("ETag") or answer.headers.get("Last-Modified", "")),
        )


def _ask(connection: HTTPConnection, parts: SplitResult, request: _Request) -> HTTPResponse:
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    host = parts.hostname or ""
    headers = {
        "Host": (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else ""),
        "User-Agent": f"{NAME}/{VERSION}",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **request.headers,
    }
    connection.request(request.method, path, request.body, headers)
    return connection.getresponse()


def _is_private(text: str) -> bool:
    """Is an address one that means something else, or nothing, outside of a network?"""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inside = IPv4Address(address.packed[-4:])
        if inside is not None:
            return not inside.is_global or inside.is_multicast
    return not address.is_global or address.is_multicast


def _hang_up(line: socket.socket) -> None:
    # Of the plain socket: what TLS would still say is of no use to anybody.
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


def _reason(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words)[:120]


def _short(url: str) -> str:
    return url[:200]
